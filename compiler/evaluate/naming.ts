import type { BinaryOperator, Expression } from '../../grammar/ast.js';

/** Id parts of the operations in an expression, by the node that creates each. */
export type StepNames = ReadonlyMap<Expression, string>;

/** Names for the steps of operators. */
export const operatorNames: Partial<Record<BinaryOperator, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '^': 'power',
};

/** The word that names a step: the name that is called or mentioned, whatever it is bound to. */
function wordOf(expression: Expression): string {
  switch (expression.kind) {
    case 'Name':
      return expression.name === '' ? 'step' : expression.name.replace(/[^A-Za-z0-9_]/g, '_');
    case 'Call':
      return wordOf(expression.callee);
    case 'Index':
    case 'Member':
      return wordOf(expression.target);
    default:
      return 'step';
  }
}

/**
 * Names every operation in the text of one member: `conv`, `conv2`, ... Numbers follow the order in the text, steps of
 * pipes first, including steps that a `when` omits, so that an operation has the same id in every variant.
 */
export function nameSteps(root: Expression): StepNames {
  const names = new Map<Expression, string>();
  const taken = new Set<string>();
  const give = (node: Expression, word: string): void => {
    let name = word;
    for (let use = 2; taken.has(name); use++) name = `${word}${use}`;
    taken.add(name);
    names.set(node, name);
  };
  const others: { node: Expression; word: string }[] = [];
  const visit = (node: Expression): void => {
    switch (node.kind) {
      case 'Pipe':
        visit(node.source);
        give(node.step, node.as?.name ? node.as.name.replace(/[^A-Za-z0-9_]/g, '_') : wordOf(node.step));
        if (node.step.kind === 'Call') node.step.arguments.forEach((each) => visit(each.value));
        else visit(node.step);
        if (node.when !== undefined) visit(node.when);
        return;
      case 'Call':
        visit(node.callee);
        node.arguments.forEach((each) => visit(each.value));
        others.push({ node, word: wordOf(node) });
        return;
      case 'Binary': {
        visit(node.left);
        visit(node.right);
        const word = operatorNames[node.operator];
        if (word !== undefined) others.push({ node, word });
        return;
      }
      case 'Unary':
        visit(node.operand);
        others.push({ node, word: 'negate' });
        return;
      case 'Index':
        visit(node.target);
        node.items.forEach((each) => visit(each.value));
        if (node.items.some(({ separator }) => separator === ':')) others.push({ node, word: 'slice' });
        return;
      case 'Member':
        return visit(node.target);
      case 'List':
        return node.items.forEach((each) => visit(each.value));
      case 'Comprehension':
        visit(node.value);
        return node.clauses.forEach((each) => visit(each.range));
      case 'Tuple':
        return node.items.forEach(visit);
      case 'Range':
        visit(node.from);
        return visit(node.to);
      case 'Conditional':
        visit(node.condition);
        visit(node.then);
        return visit(node.otherwise);
      case 'Number':
      case 'String':
      case 'Boolean':
      case 'Off':
      case 'Name':
      case 'Missing':
        return;
    }
  };
  visit(root);
  for (const { node, word } of others) give(node, word);
  return names;
}
