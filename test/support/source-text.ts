/** What a source file imports and which names its code mentions, without a compiler. */

export type Import = {
  readonly specifier: string;
  /** Erased by the compiler: `import type`, or nothing but `type` names. */
  readonly typeOnly: boolean;
  /** The imported names; empty for a namespace, a side effect or `import()`. */
  readonly names: readonly string[];
};

export type SourceText = {
  readonly imports: readonly Import[];
  /** The code without comments and without what stands inside of strings. */
  readonly code: string;
};

const STATIC = /(?:^|[;}\n])\s*(?:import|export)\s+(type\s+)?(?:([^'"`;=]*?)\bfrom\s*)?(['"])([^'"\n]+)\3/g;
const DYNAMIC = /(typeof\s+|[:<|]\s*|\btype\s+\w+\s*=\s*)?\bimport\(\s*(['"])([^'"\n]+)\2/g;

/** Takes a TypeScript file apart. */
export function readSourceText(text: string): SourceText {
  const { withStrings, code } = strip(text);
  const imports: Import[] = [];
  for (const [, type, clause = '', , specifier = ''] of withStrings.matchAll(STATIC)) {
    const named = clause.includes('{') ? clause.slice(clause.indexOf('{') + 1, clause.lastIndexOf('}')) : '';
    const list = named.split(',').flatMap((item) => item.trim() || []);
    const onlyTypes = list.length > 0 && clause.trim().startsWith('{') && list.every((item) => /^type\s/.test(item));
    const names = list.map((item) => item.replace(/^type\s+/, '').replace(/\s+as\s.*$/, ''));
    imports.push({ specifier, typeOnly: type !== undefined || onlyTypes, names });
  }
  for (const [, before, , specifier = ''] of withStrings.matchAll(DYNAMIC)) {
    imports.push({ specifier, typeOnly: before !== undefined, names: [] });
  }
  return { imports, code };
}

/** What may stand before a regular expression; after anything else a slash divides. */
const BEFORE_PATTERN = /(?:^|[(,=:[!&|?{};+\-*%<>~^\n]|\b(?:return|typeof|case|in|of|do|else|void|yield|await))\s*$/;

/** Removes comments, and in `code` the contents of strings, templates and regular expressions as well. */
function strip(text: string): { withStrings: string; code: string } {
  let withStrings = '';
  let code = '';
  // Open braces of the code inside of each `${` that is open; the last `}` of one leads back into its template.
  const nested: number[] = [];
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at, code);
    let piece = text.slice(at, at + token.length);
    const depth = nested.at(-1);
    const closes = piece === '}' && depth === 0;
    if (closes) nested.pop();
    else if (depth !== undefined && piece === '{') nested[nested.length - 1] = depth + 1;
    else if (depth !== undefined && piece === '}') nested[nested.length - 1] = depth - 1;
    if (closes || piece === '`') {
      piece = templateChunk(text, at);
      if (piece.endsWith('${')) nested.push(0);
    }
    const hidden = token.kind === 'quoted' || closes || piece.startsWith('`');
    withStrings += token.kind === 'comment' ? ' ' : piece;
    code += token.kind === 'comment' ? ' ' : hidden ? '""' : piece;
    at += piece.length;
  }
  return { withStrings, code };
}

/** From a backtick, or the brace that ends an inserted expression, to the next expression or the end of the template. */
function templateChunk(text: string, at: number): string {
  const chunk = /[`}](?:\\[\s\S]|(?!\$\{)[^`\\])*(?:`|\$\{)/y;
  chunk.lastIndex = at;
  return chunk.exec(text)?.[0] ?? text.slice(at, at + 1);
}

type Token = { readonly kind: 'comment' | 'quoted' | 'code'; readonly length: number };

function tokenAt(text: string, at: number, before: string): Token {
  const rest = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0].length ?? 0;
  };
  const comment = rest(/\/\/[^\n]*|\/\*[\s\S]*?\*\//y);
  if (comment > 0) return { kind: 'comment', length: comment };
  // A quote that is not closed on its line is an apostrophe in the text of a page.
  const quoted = rest(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y);
  if (quoted > 0) return { kind: 'quoted', length: quoted };
  if (text[at] === '/' && BEFORE_PATTERN.test(before.slice(-20))) {
    const pattern = rest(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y);
    if (pattern > 0) return { kind: 'quoted', length: pattern };
  }
  return { kind: 'code', length: 1 };
}
