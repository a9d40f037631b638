/** The statements of a generated function and how they are printed. */
import { code, indented, lineWidth, statement, type Code } from './code.js';

export type Statement =
  | { readonly kind: 'assign'; readonly variable: string; readonly value: Code; readonly type?: string | undefined }
  /** A variable that the branches of the next statement assign. */
  | { readonly kind: 'declare'; readonly variable: string }
  | { readonly kind: 'if'; readonly condition: string; readonly then: Statement[]; readonly otherwise: Statement[] }
  | { readonly kind: 'return'; readonly value: Code }
  /** A comment or an empty line. */
  | { readonly kind: 'line'; readonly text: string };

/**
 * A statement of a generated function; a declaration with a type is kept separate, because JavaScript omits the type.
 */
export type GeneratedStatement =
  string | { readonly variable: string; readonly type: string; readonly initializer: string };

/** Prints statements. Variables that are never read are omitted together with their assignments. */
export function renderStatements(statements: readonly Statement[]): readonly GeneratedStatement[] {
  const kept = dropUnread(statements);
  const known: Variables = { assigned: countAssignments(kept), declared: new Set() };
  const rendered: GeneratedStatement[] = [];
  for (const each of kept) {
    if (each.kind === 'assign' && each.type !== undefined) {
      known.declared.add(each.variable);
      const before = `const ${each.variable}: ${each.type} = `;
      const initializer = statement(before, each.value, ';', 1).slice(before.length, -1);
      rendered.push({ variable: each.variable, type: each.type, initializer });
    } else {
      rendered.push(render(each, known, 1));
    }
  }
  return rendered;
}

interface Variables {
  readonly assigned: ReadonlyMap<string, number>;
  readonly declared: Set<string>;
}

function render(each: Statement, variables: Variables, depth: number): string {
  switch (each.kind) {
    case 'line':
      return each.text;
    case 'return':
      return statement('return ', each.value, ';', depth);
    case 'declare':
      variables.declared.add(each.variable);
      return `let ${each.variable};`;
    case 'assign': {
      const isFirst = !variables.declared.has(each.variable);
      variables.declared.add(each.variable);
      const word = variables.assigned.get(each.variable) === 1 ? 'const ' : 'let ';
      return statement(`${isFirst ? word : ''}${each.variable} = `, each.value, ';', depth);
    }
    case 'if':
      return renderIf(each, variables, depth);
  }
}

function renderIf(each: Extract<Statement, { kind: 'if' }>, variables: Variables, depth: number): string {
  // A condition within a branch may assign the variable of this one, which a declaration of its own would hide.
  const undeclared = (statements: readonly Statement[]): readonly Statement[] =>
    statements.filter((inner) => inner.kind !== 'declare' || !variables.declared.has(inner.variable));
  const branch = (statements: readonly Statement[]): string[] =>
    statements.map((inner) => render(inner, variables, depth + 1));
  const then = branch(undeclared(each.then));
  const alternatives = undeclared(each.otherwise);
  const otherwise = branch(alternatives);
  const [only = ''] = then;
  const line = `if (${each.condition}) ${only}`;
  const isShort = then.length === 1 && otherwise.length === 0 && !only.includes('\n');
  if (isShort && 2 * depth + line.length <= lineWidth) return line;
  const blocks = [`if (${each.condition}) {\n${indented(then.join('\n'))}\n}`];
  const [first] = alternatives;
  if (alternatives.length === 1 && first?.kind === 'if') blocks.push(otherwise[0] ?? '');
  else if (otherwise.length > 0) blocks.push(`{\n${indented(otherwise.join('\n'))}\n}`);
  return blocks.join(' else ');
}

/** Prints statements as the body of an arrow function, which may assign its parameters. */
export function arrowBody(statements: readonly Statement[], result: Code, parameters: readonly string[]): Code {
  if (statements.length === 0) return result;
  const all = [...statements, { kind: 'return', value: result } as const];
  const known: Variables = { assigned: countAssignments(all), declared: new Set(parameters) };
  const lines = all.map((each) => render(each, known, 2));
  return code(`{\n${indented(lines.join('\n'))}\n}`);
}

function countAssignments(statements: readonly Statement[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of allOf(statements)) {
    // A declared variable is assigned in several branches.
    if (each.kind === 'declare') counts.set(each.variable, 2);
    if (each.kind === 'assign') counts.set(each.variable, (counts.get(each.variable) ?? 0) + 1);
  }
  return counts;
}

function allOf(statements: readonly Statement[]): readonly Statement[] {
  return statements.flatMap((each) =>
    each.kind === 'if' ? [each, ...allOf(each.then), ...allOf(each.otherwise)] : [each],
  );
}

function dropUnread(statements: readonly Statement[]): readonly Statement[] {
  let kept = statements;
  for (;;) {
    const unread = unreadVariables(kept);
    if (unread.size === 0) return kept;
    kept = without(kept, unread);
  }
}

function unreadVariables(statements: readonly Statement[]): ReadonlySet<string> {
  const all = allOf(statements);
  const assigned = new Set(all.flatMap((each) => (each.kind === 'assign' ? [each.variable] : [])));
  const unread = [...assigned].filter((variable) => {
    const word = new RegExp(`(?<![\\w$.])${variable.replaceAll('$', '\\$')}(?![\\w$])`);
    return !all.some((each) => {
      if (each.kind === 'if') return word.test(each.condition);
      if (each.kind === 'return') return word.test(each.value.flat);
      return each.kind === 'assign' && each.variable !== variable && word.test(each.value.flat);
    });
  });
  return new Set(unread);
}

function without(statements: readonly Statement[], variables: ReadonlySet<string>): Statement[] {
  return statements.flatMap((each): Statement[] => {
    if ((each.kind === 'assign' || each.kind === 'declare') && variables.has(each.variable)) return [];
    if (each.kind !== 'if') return [each];
    const then = without(each.then, variables);
    const otherwise = without(each.otherwise, variables);
    return then.length + otherwise.length === 0 ? [] : [{ ...each, then, otherwise }];
  });
}
