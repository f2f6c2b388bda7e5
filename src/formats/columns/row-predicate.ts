/**
 * Conditions on rows as people write them: `age >= 30 and (plan in ('pro', 'plus') or region is null)`. A small
 * language of its own, so that nothing that is asked can reach further than the columns of one table.
 *
 *     condition  = all { "or" all }
 *     all        = term { "and" term }
 *     term       = "not" term | "(" condition ")" | column test
 *     test       = ("=" | "!=" | "<>" | "<" | "<=" | ">" | ">=") literal
 *                | ["not"] "in" "(" literal { "," literal } ")"
 *                | "is" ["not"] ("null" | "nan")
 *     column     = a word, or any name in double quotes ("" stands for one)
 *     literal    = a number, a text in single quotes ('' stands for one), true or false
 *
 * Keywords may be written in either case. As in SQL, a comparison with an absent value is neither true nor false, and
 * only rows for which the whole is true are taken.
 */
import { TidemarkError } from '../../errors.ts';

export type Literal =
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean };

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Predicate[] }
  | { readonly kind: 'not'; readonly term: Predicate }
  | { readonly kind: 'compare'; readonly column: string; readonly comparator: Comparator; readonly literal: Literal }
  | { readonly kind: 'in'; readonly column: string; readonly literals: readonly Literal[] }
  | { readonly kind: 'is-null' | 'is-nan'; readonly column: string };

const MAX_TEXT = 100_000;
const MAX_DEPTH = 100;
const MAX_LITERALS = 10_000;

type Token =
  | { readonly kind: 'word' | 'column' | 'number' | 'text' | 'sign'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

const TOKENS: readonly (readonly [Exclude<Token['kind'], 'end'>, RegExp])[] = [
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['column', /"(?:[^"]|"")+"/y],
  ['text', /'(?:[^']|'')*'/y],
  ['number', /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['sign', /<=|>=|<>|!=|[=<>(),]/y],
];

/** @throws TidemarkError `invalid-body`, saying at which character and what was expected. */
export function parsePredicate(text: string): Predicate {
  if (text.length > MAX_TEXT) throw wrong(MAX_TEXT, `the condition is longer than ${MAX_TEXT} characters`);
  const parser = new Parser(tokensOf(text));
  return parser.whole();
}

/** The columns that a predicate reads, each once. */
export function columnsOf(predicate: Predicate): string[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return [...new Set(predicate.terms.flatMap(columnsOf))];
    case 'not':
      return columnsOf(predicate.term);
    default:
      return [predicate.column];
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at++;
    if (at === text.length) return [...tokens, { kind: 'end', text: '', at }];
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, form] of TOKENS) {
    form.lastIndex = at;
    const [found] = form.exec(text) ?? [];
    if (found !== undefined) return { kind, text: found, at };
  }
  const why = /["']/.test(text.charAt(at)) ? ', a quote that is not closed' : nameHint(text, at);
  throw wrong(at, `"${text.slice(at, at + 10)}" means nothing here${why}`);
}

const SHOWN_NAME = 40;

/** Where a name goes on by what is no letter of a word, as in home.dest, how such names are written. */
function nameHint(text: string, at: number): string {
  const before = /[\p{L}\p{N}_]*$/u.exec(text.slice(0, at))?.[0] ?? '';
  const name = before + (/^[^\s=<>!(),'"]*/.exec(text.slice(at))?.[0] ?? '');
  if (!/^\p{L}/u.test(name) || name.length === before.length) return '';
  return `; the name of a column that is no plain word stands in double quotes: "${name.slice(0, SHOWN_NAME)}"`;
}

const COMPARATORS: Readonly<Record<string, Comparator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Predicate {
    const predicate = this.#list('or');
    if (this.#peek().kind !== 'end') throw this.#unexpected('"and", "or" or the end');
    return predicate;
  }

  #list(kind: 'and' | 'or'): Predicate {
    const one = (): Predicate => (kind === 'or' ? this.#list('and') : this.#term());
    const first = one();
    const terms = [first];
    while (this.#takeWord(kind)) terms.push(one());
    return terms.length === 1 ? first : { kind, terms };
  }

  #term(): Predicate {
    if (++this.#depth > MAX_DEPTH)
      throw wrong(this.#peek().at, `more than ${MAX_DEPTH} conditions stand in each other`);
    try {
      if (this.#takeWord('not')) return { kind: 'not', term: this.#term() };
      if (!this.#takeSign('(')) return this.#test();
      const inner = this.#list('or');
      if (!this.#takeSign(')')) throw this.#unexpected('")"');
      return inner;
    } finally {
      this.#depth--;
    }
  }

  #test(): Predicate {
    const column = this.#column();
    if (this.#takeWord('is')) {
      const not = this.#takeWord('not');
      const kind = this.#takeWord('null') ? 'is-null' : this.#takeWord('nan') ? 'is-nan' : null;
      if (kind === null) throw this.#unexpected('"null" or "nan"');
      return not ? { kind: 'not', term: { kind, column } } : { kind, column };
    }
    const not = this.#takeWord('not');
    if (this.#takeWord('in')) {
      const among: Predicate = { kind: 'in', column, literals: this.#literals() };
      return not ? { kind: 'not', term: among } : among;
    }
    const comparator = not ? undefined : COMPARATORS[this.#peek().text];
    if (comparator === undefined) throw this.#unexpected(not ? '"in"' : 'a comparison, "in" or "is"');
    this.#next++;
    return { kind: 'compare', column, comparator, literal: this.#literal() };
  }

  #column(): string {
    const token = this.#peek();
    if (token.kind === 'column') {
      this.#next++;
      return token.text.slice(1, -1).replaceAll('""', '"');
    }
    const reserved = ['and', 'or', 'not', 'in', 'is', 'null', 'nan', 'true', 'false'];
    if (token.kind !== 'word' || reserved.includes(token.text.toLowerCase())) throw this.#unexpected('a column');
    this.#next++;
    return token.text;
  }

  #literals(): Literal[] {
    if (!this.#takeSign('(')) throw this.#unexpected('"("');
    const literals = [this.#literal()];
    while (this.#takeSign(',')) literals.push(this.#literal());
    if (!this.#takeSign(')')) throw this.#unexpected('"," or ")"');
    if (literals.length > MAX_LITERALS) throw wrong(this.#peek().at, `a list has more than ${MAX_LITERALS} values`);
    return literals;
  }

  #literal(): Literal {
    const token = this.#peek();
    if (token.kind === 'number') {
      this.#next++;
      return { kind: 'number', text: token.text };
    }
    if (token.kind === 'text') {
      this.#next++;
      return { kind: 'text', text: token.text.slice(1, -1).replaceAll("''", "'") };
    }
    if (this.#takeWord('true')) return { kind: 'boolean', value: true };
    if (this.#takeWord('false')) return { kind: 'boolean', value: false };
    throw this.#unexpected('a number, a text in single quotes, true or false');
  }

  #peek(): Token {
    // The list ends with the token of the end, which nothing takes.
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: 0 };
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }

  #takeSign(sign: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'sign' || token.text !== sign) return false;
    this.#next++;
    return true;
  }

  #unexpected(expected: string): TidemarkError {
    const { kind, text, at } = this.#peek();
    return wrong(at, `${expected} was expected ${kind === 'end' ? 'at the end' : `instead of ${text.slice(0, 30)}`}`);
  }
}

function wrong(at: number, detail: string): TidemarkError {
  return new TidemarkError('invalid-body', `The condition cannot be read at character ${at + 1}: ${detail}.`, {
    issues: [{ code: 'invalid-condition', detail }],
  });
}
