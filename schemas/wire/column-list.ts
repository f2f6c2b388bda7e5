/**
 * Names with commas between them, as one record of CSV: a name with a comma stands in double quotes, which are doubled
 * within it. Null where a quoted name does not end before a comma or the end. Used on the command line and in queries.
 */
export function columnList(text: string): string[] | null {
  const names: string[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === ',') continue;
    if (text[at] === '"') {
      QUOTED.lastIndex = at;
      const name = QUOTED.exec(text)?.[1];
      if (name === undefined) return null;
      names.push(name.replaceAll('""', '"'));
      at = QUOTED.lastIndex;
    } else {
      const end = text.indexOf(',', at);
      names.push(text.slice(at, end < 0 ? text.length : end));
      at = end < 0 ? text.length : end;
    }
  }
  return names;
}

const QUOTED = /"((?:[^"]|"")*)"(?=,|$)/y;
