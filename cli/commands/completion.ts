import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { placesOf } from '../completion/words.js';
import { print } from '../terminal.js';

/** Shells with a completion script. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** `unet completion SHELL`: prints a script generated from the commands and flags. */
export function completion(shell: Shell, program: Command): void {
  print(scriptFor(shell, program));
}

function scriptFor(shell: Shell, program: Command): string {
  const places = placesOf(program);
  switch (shell) {
    case 'bash':
      return bashCompletion(places);
    case 'zsh':
      return `autoload -U +X compinit && compinit -u\nautoload -U +X bashcompinit && bashcompinit\n${bashCompletion(places)}`;
    case 'fish':
      return fishCompletion(places);
  }
}
