/**
 * Makes a list of tabs work by pointer and keyboard (ARIA Authoring Practices, tabs with automatic activation).
 * @param chosen called with the name of the tab (`data-tab`) that is chosen
 */
export function makeTabs(
  list: HTMLElement,
  chosen: (name: string) => void,
): { readonly select: (name: string) => void } {
  const tabs = [...list.querySelectorAll<HTMLButtonElement>('[role=tab]')];
  const select = (tab: HTMLButtonElement): void => {
    for (const each of tabs) {
      each.setAttribute('aria-selected', String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
    }
    document.getElementById(tab.getAttribute('aria-controls') ?? '')?.setAttribute('aria-labelledby', tab.id);
    chosen(tab.dataset['tab'] ?? '');
  };
  list.addEventListener('click', ({ target }) => {
    const tab = (target as HTMLElement).closest<HTMLButtonElement>('[role=tab]');
    if (tab !== null) select(tab);
  });
  list.addEventListener('keydown', (event) => {
    const at = tabs.findIndex((each) => each === document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || next === undefined) return;
    const tab = tabs[(next + tabs.length) % tabs.length]!;
    event.preventDefault();
    tab.focus();
    select(tab);
  });
  return {
    select(name) {
      const tab = tabs.find(({ dataset }) => dataset['tab'] === name);
      if (tab !== undefined) select(tab);
    },
  };
}
