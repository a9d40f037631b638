import { quote, type Place } from './words.js';

/** Generates the completion script for bash, and for zsh through `bashcompinit`. */
export function bashCompletion(places: readonly Place[]): string {
  return `# Completion of unet for bash: eval "$(unet completion bash)"
_unet_folders() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -d -- "$1"))
}
_unet() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word words=""
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
${commandPaths(places)}
        command="\${command:+$command }$word" ;;
    esac
  done
  case "$command $previous" in
${values(places)}
  esac
  case "$command" in
${words(places)}
  esac
  if [[ "$current" == -* ]]; then
    words="\${words#*|}"
  else
    words="\${words%%|*}"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _unet unet
`;
}

/** The paths of all commands, as matched by the loop of the script. */
function commandPaths(places: readonly Place[]): string {
  const paths = places
    .filter(({ path }) => path !== '')
    .map(({ path }) => quote(path.includes(' ') ? path : ` ${path}`));
  return `      ${paths.join('|')})`;
}

/** The values of flags that take one; file names by default. */
function values(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value)
      .map(({ long, short, choices, folder }) => {
        const flags = [long, ...(short === undefined ? [] : [short])].map((flag) => quote(`${path} ${flag}`)).join('|');
        if (folder) return `    ${flags}) _unet_folders "$current"; return ;;`;
        const known = `COMPREPLY=($(compgen -W ${quote(choices.join(' '))} -- "$current")); `;
        return `    ${flags}) ${choices.length > 0 ? known : ''}return ;;`;
      }),
  );
  return lines.join('\n');
}

/** Subcommands and flags at each position, separated by a bar. */
function words(places: readonly Place[]): string {
  const lines = places.map(({ path, commands, values, options }) => {
    const names = [...commands.map(({ name }) => name), ...values].join(' ');
    const flags = options.flatMap(({ long, short }) => [long, ...(short === undefined ? [] : [short])]).join(' ');
    return `    ${quote(path)}) words=${quote(`${names}|${flags}`)} ;;`;
  });
  return lines.join('\n');
}
