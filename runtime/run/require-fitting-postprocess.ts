import type { ModelDescription } from '../../contract/model-description.js';
import { postprocessProblem } from '../../contract/postprocess-problem.js';
import type { Protocol } from '../../contract/protocol.js';
import { UserError } from '../errors/user-error.js';

/**
 * Rejects postprocessing that a network's first output, the one that is scored and written, does not allow.
 * @throws UserError UNET6094
 */
export function requireFittingPostprocess(
  { postprocess }: Pick<Protocol, 'postprocess'>,
  { name, outputs: [output] }: ModelDescription,
): void {
  const described = { kind: output!.kind, labels: output!.labels.map((label) => label.name) };
  const problem = postprocessProblem(postprocess, described);
  if (problem === undefined) return;
  throw new UserError('UNET6094', `The postprocessing does not fit \`${name}\`. ${problem.text}`, problem.help);
}
