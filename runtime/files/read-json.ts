/** Reads JSON files and describes their errors in plain words. */
import type { z } from 'zod';
import { counted } from '../../text/count.js';
import { recognizeFile } from './file-kind.js';

/** The reason why a file cannot be used: completes the sentence "FILE ...", as in "is not valid JSON". */
export interface JsonProblem {
  readonly fault: string;
  /** A suggested fix, if the file was recognised as another format. */
  readonly help?: string;
}

/** Creates the error that a reader throws, with its own code and help. */
export type ProblemError = (fault: JsonProblem) => Error;

/** Parses the content of a JSON file, with or without a byte order mark. */
export function parseJson(text: string, errorOf: ProblemError): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw errorOf(syntaxProblem(text, error));
  }
}

/** Parses the content of a JSON file and validates it against a schema. */
export function readJson<T>(schema: z.ZodType<T>, text: string, errorOf: ProblemError): T {
  return checkJson(schema, parseJson(text, errorOf), errorOf);
}

/** Validates a JSON value against a schema; the error describes the first field that does not match. */
export function checkJson<T>(schema: z.ZodType<T>, json: unknown, errorOf: ProblemError): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw errorOf({ fault: schemaProblem(parsed.error, json) });
}

function syntaxProblem(text: string, error: unknown): JsonProblem {
  const kind = recognizeFile(Buffer.from(text.slice(0, 1024), 'latin1'));
  if (kind !== undefined && kind.what !== 'a JSON file') return { fault: `is ${kind.what}`, help: kind.help };
  const at = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (at === undefined) return { fault: 'is not valid JSON: it ends too early or is damaged' };
  const before = text.slice(0, Number(at)).split('\n');
  return { fault: `is not valid JSON (line ${before.length}, column ${before.at(-1)!.length + 1})` };
}

/** What does not match a schema, as a sentence without its subject: "has an invalid `labels.0`: expected a string, found 3". */
export function schemaProblem(error: z.ZodError, json: unknown): string {
  const issue = error.issues[0]!;
  const found = valueAt(json, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, 3).map((key) => `\`${pathText([...issue.path, key])}\``);
    return `has ${issue.keys.length === 1 ? 'an unknown field' : 'unknown fields'}: ${names.join(', ')}`;
  }
  if (issue.path.length === 0) return `must be ${expected(issue)}, got ${valueText(found)}`;
  const field = `\`${pathText(issue.path)}\``;
  if (found === undefined) return `is missing the field ${field}`;
  return `has an invalid ${field}: expected ${expected(issue)}, got ${valueText(found)}`;
}

type Issue = z.core.$ZodIssue;

const typeNames: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return limitText(issue.origin, issue.inclusive === false ? 'more than' : 'at least', Number(issue.minimum));
    case 'too_big':
      return limitText(issue.origin, issue.inclusive === false ? 'less than' : 'at most', Number(issue.maximum));
    default:
      return 'another value';
  }
}

function limitText(origin: string, word: string, limit: number): string {
  if (origin === 'array') return `a list of ${word} ${counted(limit, 'entry', 'entries')}`;
  return origin === 'string' ? `${word} ${counted(limit, 'character')}` : `${word} ${limit}`;
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    json,
  );
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
