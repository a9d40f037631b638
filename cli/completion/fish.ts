import { quote, type Place } from './words.js';

/** Generates the completion script for fish, with descriptions. */
export function fishCompletion(places: readonly Place[]): string {
  const paths = places
    .filter(({ path }) => path !== '')
    .map(({ path }) => quoteFish(path.includes(' ') ? path : ` ${path}`));
  return `# Completion of unet for fish: unet completion fish | source
function __unet_command
  set -l command ''
  for word in (commandline -opc)[2..]
    switch "$command $word"
      case ${paths.join(' ')}
        set command (string trim "$command $word")
    end
  end
  echo $command
end
${places.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, values, options }: Place): string[] {
  const here = `complete -c unet -n ${quoteFish(`test (__unet_command) = "${path}"`)}`;
  return [
    ...commands.map(({ name, description }) => `${here} -f -a ${name} -d ${quoteFish(description)}`),
    ...(values.length > 0 ? [`${here} -f -a ${quoteFish(values.join(' '))}`] : []),
    ...options.map(({ long, short, description, value, choices, folder }) => {
      const parts = [here, `-l ${long.slice(2)}`];
      if (short !== undefined) parts.push(`-s ${short.slice(1)}`);
      if (folder) parts.push("-x -a '(__fish_complete_directories)'");
      else if (choices.length > 0) parts.push(`-x -a ${quoteFish(choices.join(' '))}`);
      else if (value) parts.push('-r');
      return [...parts, `-d ${quoteFish(description)}`].join(' ');
    }),
  ];
}

/** Quotes a string for fish, which has two escapes in single quotes. */
function quoteFish(text: string): string {
  return text.includes("'") || text.includes('\\') ? `'${text.replace(/[\\']/g, '\\$&')}'` : quote(text);
}
