import type { ElementNode, Expression, InputNode, OutputNode } from '../../grammar/ast.js';
import type { DiagnosticExtras } from '../../grammar/diagnostics/diagnostic.js';
import { replacement } from '../../grammar/diagnostics/suggest.js';
import { introduceAxis, isAxisName } from '../evaluate/axes.js';
import { conform, conformNumber } from '../evaluate/conform.js';
import type { Evaluation, Frame } from '../evaluate/evaluation.js';
import { errorValue, type Value } from '../evaluate/values.js';
import type { Axis, ModelInput, OutputLabel } from '../ir/ir.js';
import { constant, symbol } from '../shape/size.js';
import { counted } from '../../text/count.js';

/** A model's inputs and outputs as declared: data sets are matched against these. */

/** The call `image(...)`, `identifier(...)` or `classes(...)` in a declared type. */
function typeCall(type: Expression): { word: string; arguments: readonly ElementNode[] } | undefined {
  if (type.kind !== 'Call' || type.callee.kind !== 'Name') return undefined;
  return { word: type.callee.name, arguments: type.arguments };
}

/**
 * Reads the names in `image(...)` and `classes(...)`: each a name or a name in backticks, without duplicates
 * (UNET2002).
 */
function readNames(
  evaluation: Evaluation,
  frame: Frame,
  elements: readonly ElementNode[],
  what: string,
): string[] | undefined {
  const names: string[] = [];
  for (const element of elements) {
    if (element.value.kind !== 'Name' || element.name !== undefined || element.spread) {
      const found = element.value.kind === 'Number' ? `the number ${element.value.text}` : 'another expression';
      const parts = { what, expected: 'a name (in backticks if it contains spaces)', found };
      evaluation.fail(frame, 'UNET3001', parts, element.span, nameThem(what, elements));
      return undefined;
    }
    if (names.includes(element.value.name)) {
      const first = elements[names.indexOf(element.value.name)];
      const labels = first === undefined ? [] : [{ span: first.span, text: 'first named here' }];
      evaluation.fail(frame, 'UNET2002', { name: element.value.name }, element.span, { labels });
      return undefined;
    }
    names.push(element.value.name);
  }
  return names;
}

/** `classes(4)`: names for the classes, and a fix that numbers them. */
function nameThem(what: string, elements: readonly ElementNode[]): DiagnosticExtras {
  const [only] = elements;
  if (only?.value.kind !== 'Number' || elements.length !== 1) return {};
  const count = only.value.value;
  const isClass = what === 'A class';
  const help = isClass
    ? 'List the names of the labels in the order of their values: `classes(background, edema, tumour)`.'
    : 'List the names of the channels: `image(T1w, T2w)[D, H, W]`.';
  if (!Number.isInteger(count) || count < 1 || count > 64) return { help };
  const numbered = Array.from({ length: count }, (_, index) => (isClass ? `class_${index}` : `channel_${index}`));
  const names = isClass ? ['background', ...numbered.slice(1)] : numbered;
  return { help, fixes: [replacement(only.span, names.join(', '))] };
}

/** Reads an `input` and emits its operation; returns the value of its name in the model. */
export function lowerInput(
  evaluation: Evaluation,
  frame: Frame,
  node: InputNode,
): { value: Value; input: ModelInput | undefined } {
  const indexed = node.type.kind === 'Index' ? node.type : undefined;
  const call = typeCall(indexed?.target ?? node.type);
  if (call?.word === 'image' && indexed !== undefined)
    return lowerImage(evaluation, frame, node, call.arguments, indexed.items);
  if (call?.word === 'identifier' && indexed === undefined)
    return lowerIdentifier(evaluation, frame, node, call.arguments);
  if (node.type.kind === 'Missing') return { value: errorValue, input: undefined };
  const parts = {
    what: `The input \`${node.name.name}\``,
    expected: '`image(CHANNEL, ...)[D, H, W]` or `identifier(COUNT)`',
    found: 'another expression',
  };
  return { value: evaluation.fail(frame, 'UNET3001', parts, node.type.span), input: undefined };
}

function lowerImage(
  evaluation: Evaluation,
  frame: Frame,
  node: InputNode,
  channelNodes: readonly ElementNode[],
  axisNodes: readonly ElementNode[],
): { value: Value; input: ModelInput | undefined } {
  const faulty = { value: errorValue, input: undefined };
  const channels = readNames(evaluation, frame, channelNodes, 'A channel');
  const axes: { name: string; size: number | undefined }[] = [];
  for (const item of axisNodes) {
    const name = item.separator === '=' ? item.name?.name : item.value.kind === 'Name' ? item.value.name : undefined;
    if (name === undefined || !isAxisName(name) || item.spread || name === 'C') {
      const parts = {
        what: 'An axis of an image',
        expected: 'a name other than `C` that begins with a capital letter',
        found: name === 'C' ? '`C`' : 'another expression',
      };
      evaluation.fail(frame, 'UNET3001', parts, item.span, withoutAxis(name, item, axisNodes));
      return faulty;
    }
    if (axes.some((axis) => axis.name === name)) {
      evaluation.fail(frame, 'UNET3009', { axis: name }, item.span);
      return faulty;
    }
    const size = item.separator === '=' ? fixedSize(evaluation, frame, item) : undefined;
    if (size === 'error') return faulty;
    axes.push({ name, size });
  }
  if (channels === undefined) return faulty;
  if (channels.length === 0 || axes.length < 1 || axes.length > 3) {
    const parts = {
      what: `The image \`${node.name.name}\``,
      expected: 'given one or more channels and one to three spatial axes',
      found: `${counted(channels.length, 'channel')} and ${counted(axes.length, 'axis', 'axes')}`,
    };
    evaluation.fail(frame, 'UNET3001', parts, node.type.span);
    return faulty;
  }
  const shape: Axis[] = [
    { name: 'C', size: constant(channels.length) },
    ...axes.map(({ name, size }) => ({ name, size: size === undefined ? symbol(name) : constant(size) })),
  ];
  for (const axis of shape) introduceAxis(frame, axis.name, axis.size);
  const value = evaluation.emitInput({ ...frame, stage: 'input' }, node.name.name, 'image', shape, node.span);
  return { value, input: { kind: 'image', name: node.name.name, channels, axes } };
}

/** `[C, D, H, W]`: the channels are those in `image(...)`. */
function withoutAxis(name: string | undefined, item: ElementNode, axes: readonly ElementNode[]): DiagnosticExtras {
  const next = axes[axes.indexOf(item) + 1];
  if (name !== 'C' || next === undefined) return {};
  const help = 'The channels are those listed in `image(...)`: give the spatial axes only.';
  const span = { ...item.span, end: next.span.start };
  return { help, fixes: [{ title: 'Remove the axis `C`', span, text: '' }] };
}

function fixedSize(evaluation: Evaluation, frame: Frame, item: ElementNode): number | 'error' {
  const evaluated = evaluation.evaluate(evaluation, frame, item.value);
  const value = conformNumber(evaluation, frame, evaluated, 'The size of an axis', item.value.span);
  if (value.kind === 'number' && value.value >= 1 && value.value <= 100_000) return value.value;
  if (value.kind === 'number') {
    const parts = { what: 'The size of an axis', range: 'between 1 and 100000', found: String(value.value) };
    evaluation.fail(frame, 'UNET3019', parts, item.value.span);
  }
  return 'error';
}

function lowerIdentifier(
  evaluation: Evaluation,
  frame: Frame,
  node: InputNode,
  elements: readonly ElementNode[],
): { value: Value; input: ModelInput | undefined } {
  const [element] = elements;
  if (element === undefined || elements.length !== 1 || element.name !== undefined) {
    const parts = { what: 'An identifier', expected: 'given its number of values: `identifier(8)`', found: 'not' };
    return { value: evaluation.fail(frame, 'UNET3001', parts, node.type.span), input: undefined };
  }
  const count = fixedSize(evaluation, frame, element);
  if (count === 'error') return { value: errorValue, input: undefined };
  const input = { kind: 'identifier', name: node.name.name, count } as const;
  evaluation.emitInput({ ...frame, stage: 'input' }, node.name.name, 'identifier', [], node.span);
  return { value: { kind: 'identifier', input }, input };
}

/** An output's kind and labels, or undefined if its declaration has an error. */
export function readOutput(
  evaluation: Evaluation,
  frame: Frame,
  node: OutputNode,
): { kind: 'classes' | 'regions'; labels: readonly OutputLabel[] } | undefined {
  const call = typeCall(node.type);
  if (call?.word === 'classes') {
    const names = readNames(evaluation, frame, call.arguments, 'A class');
    if (names === undefined) return undefined;
    if (names.length >= 2) return { kind: 'classes', labels: names.map((name, value) => ({ name, values: [value] })) };
  } else if (call?.word === 'regions' && call.arguments.length > 0) {
    const labels = call.arguments.map((element) => readRegion(evaluation, frame, element));
    for (const [index, { name }] of call.arguments.entries()) {
      if (name === undefined || !call.arguments.slice(0, index).some((each) => each.name?.name === name.name)) continue;
      evaluation.fail(frame, 'UNET2002', { name: name.name }, name.span);
      return undefined;
    }
    const whole = labels.filter((label) => label !== undefined);
    return whole.length === labels.length ? { kind: 'regions', labels: whole } : undefined;
  }
  if (node.type.kind === 'Missing') return undefined;
  const parts = {
    what: `The output \`${node.name.name}\``,
    expected: '`classes(A, B, ...)` with at least two classes, or `regions(name: [1, 2], ...)`',
    found: 'another expression',
  };
  evaluation.fail(frame, 'UNET3001', parts, node.type.span);
  return undefined;
}

function readRegion(evaluation: Evaluation, frame: Frame, element: ElementNode): OutputLabel | undefined {
  const value = evaluation.evaluate(evaluation, frame, element.value);
  const listed = conform(
    evaluation,
    frame,
    value,
    { kind: 'list', of: { kind: 'int' } },
    'A region',
    element.value.span,
  );
  if (element.name === undefined || listed.kind !== 'list') {
    if (element.name === undefined) {
      const parts = {
        what: 'A region',
        expected: 'a name with its class values: `core: [2, 3]`',
        found: 'another expression',
      };
      evaluation.fail(frame, 'UNET3001', parts, element.span);
    }
    return undefined;
  }
  const numbers = listed.items.map((item) =>
    conformNumber(evaluation, frame, item, 'A class value', element.value.span),
  );
  if (numbers.some((number) => number.kind === 'error')) return undefined;
  const values = numbers.flatMap((number) => (number.kind === 'number' ? [number.value] : []));
  const isWhole =
    values.length > 0 && values.every((each) => each >= 0 && each <= 255) && new Set(values).size === values.length;
  if (!isWhole) {
    const what = `The region \`${element.name.name}\``;
    const parts = {
      what,
      range: 'a list of one or more different class values between 0 and 255',
      found: `[${values.join(', ')}]`,
    };
    evaluation.fail(frame, 'UNET3019', parts, element.value.span);
    return undefined;
  }
  return { name: element.name.name, values };
}
