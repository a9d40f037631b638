// @ts-check
/** The script of the diagram preview: it shows what the extension sends, and tells it which model has been chosen. */
(function () {
  const editor = acquireVsCodeApi();
  const models = /** @type {HTMLSelectElement} */ (document.getElementById('models'));
  const zoom = /** @type {HTMLButtonElement} */ (document.getElementById('zoom'));
  const note = /** @type {HTMLOutputElement} */ (document.getElementById('note'));
  const image = /** @type {HTMLImageElement} */ (document.getElementById('diagram'));

  window.addEventListener('message', ({ data }) => show(data));
  models.addEventListener('change', () => editor.postMessage({ model: models.value }));
  zoom.addEventListener('click', () => {
    const isOriginal = image.classList.toggle('original');
    zoom.setAttribute('aria-pressed', String(isOriginal));
  });
  editor.postMessage({});

  /** @param {{ model: string, models: readonly string[], svg: string | null }} answer */
  function show({ model, models: names, svg }) {
    models.replaceChildren(...names.map((name) => new Option(name, name, false, name === model)));
    models.hidden = names.length < 2;
    const isSame = image.alt === altOf(model);
    if (svg === null) {
      image.hidden = !isSame || image.src === '';
      note.value = noteOf(model);
    } else {
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
      image.alt = altOf(model);
      image.hidden = false;
      note.value = '';
    }
    image.classList.toggle('outdated', svg === null);
    zoom.hidden = image.hidden;
  }

  /** @param {string} model */
  function altOf(model) {
    return `Diagram of ${model}`;
  }

  /** @param {string} model */
  function noteOf(model) {
    if (model === '') return 'The file has no model.';
    return image.hidden
      ? `${model} has errors, so it cannot be drawn.`
      : `${model} has errors; this is its last correct version.`;
  }
})();
