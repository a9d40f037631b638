import { quote, type Place } from './words.js';

/** A script for bash, and with its `bashcompinit` for zsh, that completes commands, flags and their values. */
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

/** Every command's words, as the loop builds them up. */
function commandPaths(places: readonly Place[]): string {
  const paths = places
    .filter(({ path }) => path !== '')
    .map(({ path }) => quote(path.includes(' ') ? path : ` ${path}`));
  return `      ${paths.join('|')})`;
}

/** What may follow a flag that takes a value; files where nothing else is known. */
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

/** Commands and flags at each place, a bar between them. */
function words(places: readonly Place[]): string {
  const lines = places.map(({ path, commands, values, options }) => {
    const names = [...commands.map(({ name }) => name), ...values].join(' ');
    const flags = options.flatMap(({ long, short }) => [long, ...(short === undefined ? [] : [short])]).join(' ');
    return `    ${quote(path)}) words=${quote(`${names}|${flags}`)} ;;`;
  });
  return lines.join('\n');
}
