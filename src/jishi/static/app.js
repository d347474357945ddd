/* Behaviour the pages share. Everything here only makes quicker what also works without script.
   Hooks are data-attributes; there is one listener per event on the document, so what htmx swaps in
   needs no wiring. */
(() => {
  'use strict';
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const word = (name) => $('#words')?.dataset[name] ?? '';

  /* ---- toasts ---------------------------------------------------------------------------- */
  function fade(node) { setTimeout(() => node.remove(), $('a, button', node) ? 6000 : 2400); }
  function toast(text, bad = false) {
    if (!text) return;
    const node = document.createElement('div');
    const icon = document.createElement('i');
    node.className = 'toast';
    icon.className = bad ? 'i i-alert-fill' : 'i i-ok-fill';
    icon.setAttribute('aria-hidden', 'true');
    node.append(icon, text);
    $('#toasts').append(node);
    fade(node);
  }

  /* ---- dialogs, copying, theme, steppers, choosing all ------------------------------------- */
  document.addEventListener('click', (event) => {
    const at = event.target;
    if (at instanceof HTMLDialogElement && !at.dataset.firm) return at.close();
    const hook = at.closest('[data-open],[data-close],[data-toast],[data-copy],[data-step],[data-theme-toggle]');
    if (!hook) return;
    const data = hook.dataset;
    if (data.open) { const dialog = document.getElementById(data.open); if (dialog && !dialog.open) dialog.showModal(); }
    if ('close' in data) hook.closest('dialog')?.close();
    if (data.copy) navigator.clipboard?.writeText(data.copy).then(() => toast(data.toast || word('copied')));
    else if (data.toast) toast(data.toast);
    if (data.step) step(hook, Number(data.step));
    if ('themeToggle' in data) { event.preventDefault(); switchTheme(); }
  });

  function switchTheme() {
    const root = document.documentElement;
    const device = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    const next = (root.dataset.theme || device) === 'dark' ? 'light' : 'dark';
    root.dataset.theme = next;
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `theme=${next}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }

  function step(button, by) {
    const input = $('input', button.parentNode);
    const max = Number(input.dataset.max ?? 9999);
    const next = Math.min(max, Math.max(Number(input.dataset.min ?? 1), (parseInt(input.value, 10) || 0) + by));
    if (String(next) === input.value) return;
    input.value = next;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  document.addEventListener('change', (event) => {
    const at = event.target;
    if (at.dataset.checkAll) { for (const box of boxes(at.dataset.checkAll)) box.checked = at.checked; }
    if (at.type === 'checkbox' && (at.dataset.checkAll || at.name)) count(at.dataset.checkAll || at.name);
    if (at.closest('[data-sku]')) chooseSku(at.closest('[data-sku]'));
    const sender = at.closest('[data-submit]');
    if (sender) sender.closest('form').requestSubmit();
  });

  /* rows chosen: the head box shows none, some or all; [data-bulk=name] appears and says how many */
  const boxes = (name) => $$(`input[type=checkbox][name="${CSS.escape(name)}"]:not(:disabled)`);
  function count(name) {
    const head = $(`[data-check-all="${CSS.escape(name)}"]`);
    if (!head) return;
    const all = boxes(name), on = all.filter((box) => box.checked).length;
    head.checked = on > 0 && on === all.length;
    head.indeterminate = on > 0 && on < all.length;
    for (const box of all) box.closest('tr')?.setAttribute('aria-selected', box.checked);
    for (const bar of $$(`[data-bulk="${CSS.escape(name)}"]`)) {
      bar.hidden = on === 0;
      for (const n of $$('[data-bulk-count]', bar)) n.textContent = on;
    }
  }

  /* ---- SKU: a form [data-sku] holds radios and a JSON list [{id, values, price, note, image, stock}] ---- */
  function chooseSku(form) {
    const list = JSON.parse($('script[type="application/json"]', form)?.textContent || '[]');
    if (!list.length) return;
    const groups = [...new Set($$('.sku__opt input', form).map((radio) => radio.name))];
    const chosen = groups.map((name) => $(`input[name="${CSS.escape(name)}"]:checked`, form)?.value);
    const fits = (sku, wanted) => wanted.every((value, k) => value === undefined || sku.values[k] === value);
    groups.forEach((name, k) => {
      for (const radio of $$(`input[name="${CSS.escape(name)}"]`, form)) {
        const wanted = chosen.map((value, at) => (at === k ? radio.value : value));
        const open = list.some((sku) => sku.stock > 0 && fits(sku, wanted));
        radio.closest('.sku__opt').classList.toggle('sku__opt--out', !open);
      }
    });
    const sku = chosen.includes(undefined) ? null : list.find((it) => fits(it, chosen));
    const id = $('input[name="sku_id"]', form);
    if (id) id.value = sku ? sku.id : '';
    for (const button of $$('[data-sku-go]', form)) button.disabled = !sku || sku.stock <= 0;
    if (!sku) return;
    const quantity = $('.stepper input', form);
    if (quantity) { quantity.dataset.max = Math.max(1, sku.max ?? sku.stock); if (+quantity.value > +quantity.dataset.max) quantity.value = quantity.dataset.max; }
    for (const [part, text] of [['price', sku.price], ['note', sku.note], ['name', sku.values.join(' · ')]])
      for (const node of $$(`[data-sku-${part}]`)) if (text !== undefined) node.textContent = text;
    for (const node of $$('[data-sku-note]')) { node.classList.toggle('caution', sku.stock <= 10); node.classList.toggle('weak', sku.stock > 10); }
    if (sku.image) for (const image of $$('[data-sku-image] img')) image.src = sku.image;
  }

  /* ---- forms: one submit at a time, and the button says what happens ------------------------ */
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) return event.preventDefault();
    if (event.defaultPrevented || form.method !== 'post' || isHtmx(form)) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = '1';
    busy(event.submitter || $('button:not([type=button])', form), true);
  });
  const isHtmx = (form) => ['hx-post', 'hx-put', 'hx-patch', 'hx-delete'].some((name) => form.hasAttribute(name));

  function busy(button, on) {
    if (!button?.classList) return;
    const label = button.dataset.busy;
    if (on && !button.dataset.was) {
      button.style.minWidth = `${button.offsetWidth}px`;
      button.setAttribute('aria-busy', 'true');
      if (label) { button.dataset.was = button.innerHTML; button.textContent = label; }
    } else if (!on) {
      button.removeAttribute('aria-busy');
      if (button.dataset.was) { button.innerHTML = button.dataset.was; delete button.dataset.was; }
    }
  }
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    for (const form of $$('form[data-sent]')) { delete form.dataset.sent; for (const button of $$('[aria-busy]', form)) busy(button, false); }
  });

  /* ---- htmx: busy buttons, toasts from the server, lost connections --------------------------- */
  const source = (event) => event.detail?.ctx?.sourceElement;
  const buttonOf = (node) => (node?.matches?.('button') ? node : node?.matches?.('form') ? $('button:not([type=button])', node) : null);
  document.addEventListener('htmx:before:request', (event) => busy(buttonOf(source(event)), true));
  document.addEventListener('htmx:finally:request', (event) => busy(buttonOf(source(event)), false));
  document.addEventListener('htmx:error', () => toast(navigator.onLine ? word('failed') : word('offline'), true));
  document.addEventListener('htmx:after:swap', (event) => prepare(event.target instanceof Element ? event.target : document));
  document.addEventListener('toast', (event) => toast(event.detail?.value ?? event.detail?.text, event.detail?.kind === 'bad'));

  /* ---- clocks: <time data-until>; what remains, by the second ------------------------------- */
  const two = (n) => String(n).padStart(2, '0');
  function tick() {
    for (const node of $$('[data-until]')) {
      const left = Math.max(0, Math.round((Date.parse(node.dataset.until) - Date.now()) / 1000));
      if (left > 172800) continue;
      const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
      const shown = parts[0] ? parts : parts.slice(1);
      if (!node.firstElementChild || node.childElementCount !== shown.length)
        node.replaceChildren(...shown.flatMap((_, k) => (k ? [':', document.createElement('b')] : [document.createElement('b')])));
      $$('b', node).forEach((b, k) => { b.textContent = two(shown[k]); });
      if (left === 0 && !node.dataset.done) { node.dataset.done = '1'; if ('reload' in node.dataset) location.reload(); }
    }
  }
  setInterval(tick, 1000);

  /* ---- consoles by keyboard: / search, J K move, X choose ------------------------------------- */
  document.addEventListener('keydown', (event) => {
    if (!document.body.classList.contains('console') || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input, textarea, select, dialog')) return;
    const rows = $$('.table tbody tr');
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const go = { j: at + 1, k: at - 1 }[event.key];
    if (event.key === '/') { const search = $('.topbar input[type=search], .toolbar input'); if (search) { event.preventDefault(); search.focus(); } }
    else if (go !== undefined) $('a, button, input', rows[Math.min(rows.length - 1, Math.max(0, go))])?.focus();
    else if (event.key === 'x' && at >= 0) $('input[type=checkbox]', rows[at])?.click();
  });

  /* ---- suggestions of a search box: arrows move, Enter goes there, Escape closes ---------------- */
  document.addEventListener('keydown', (event) => {
    const box = event.target;
    if (!('suggest' in (box.dataset || {})) || event.isComposing) return;
    const list = $$('.suggest__it', box.form), now = list.findIndex((it) => it.getAttribute('aria-selected') === 'true');
    if (event.key === 'Enter' && now >= 0) { event.preventDefault(); list[now].click(); return; }
    if (event.key === 'Escape') { $('.suggest', box.form).textContent = ''; box.setAttribute('aria-expanded', 'false'); return; }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !list.length) return;
    event.preventDefault();
    const next = (now + by + list.length + (now < 0 && by < 0 ? 1 : 0)) % list.length;
    list.forEach((it, k) => { it.setAttribute('aria-selected', k === next); it.id = `${box.form.dataset.id ||= 's' + Math.random().toString(36).slice(2)}-${k}`; });
    box.setAttribute('aria-activedescendant', list[next].id);
    list[next].scrollIntoView({ block: 'nearest' });
  });
  document.addEventListener('htmx:after:swap', () => {
    for (const box of $$('[data-suggest]')) box.setAttribute('aria-expanded', String(!!$('.suggest__it', box.form)));
  });

  /* ---- at the start and after a swap ----------------------------------------------------------- */
  function prepare(root) {
    for (const form of $$('[data-sku]', root)) chooseSku(form);
    for (const head of $$('[data-check-all]', root)) count(head.dataset.checkAll);
    for (const node of $$('.toast[data-fades]', root)) { node.removeAttribute('data-fades'); fade(node); }
    $('[data-focus]', root)?.focus();
    tick();
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => prepare(document));
  else prepare(document);

  /* ---- signals: open pages hear that something changed and ask again --------------------------- */
  /* A page nobody looks at asks when it is looked at again, so that nothing counts as read unseen. What is
     heard while an answer is on its way is asked for once more after it: it may be too new for that answer. */
  const asking = new Set(), again = new Set();
  function hear(conversation) {
    if (document.hidden) return;
    for (const node of $$('[data-live]')) {
      const what = node.dataset.live;
      if (conversation && what !== '*' && what !== conversation) continue;
      if (asking.has(what)) again.add(what);
      else node.dispatchEvent(new CustomEvent('live'));
    }
  }
  const liveOf = new WeakMap();  /* by request: its element is another one after the swap */
  document.addEventListener('htmx:before:request', (event) => {
    const ctx = event.detail.ctx, what = source(event)?.dataset?.live;
    if (!what) return;
    if (document.hidden) return event.preventDefault();
    liveOf.set(ctx, { what, wasAtEnd: isAtEnd() });
    asking.add(what);
  });
  document.addEventListener('htmx:finally:request', (event) => {
    const asked = liveOf.get(event.detail.ctx);
    if (!asked) return;
    asking.delete(asked.what);
    if (asked.wasAtEnd) toEnd();
    if (again.delete(asked.what)) hear(asked.what);
  });
  /* a conversation is read from its end: it opens there and stays there while new messages come */
  const isAtEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - 120;
  const toEnd = () => { if ($('[data-say]')) scrollTo(0, document.documentElement.scrollHeight); };
  if (document.readyState === 'complete') toEnd();
  else addEventListener('load', toEnd);
  document.addEventListener('visibilitychange', () => hear());
  let pause = 1000;
  function listen() {
    if (!$('[data-live]')) return;
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
    let isBack = pause > 1000;
    socket.onopen = () => { if (isBack) hear(); isBack = false; pause = 1000; };
    socket.onmessage = (event) => { const what = JSON.parse(event.data); if (what.type !== 'beat') hear(what.conversation); };
    socket.onclose = (event) => {
      if (event.code === 1008) return;
      setTimeout(listen, pause);
      pause = Math.min(pause * 2, 60000);
    };
  }
  if ('WebSocket' in window) listen();

  /* A form that says something in place: what was typed stays until an answer has come, and so does its key;
     sending it again then says it once. An answer, good or bad, makes the next message a new one. */
  document.addEventListener('htmx:after:request', (event) => {
    const form = source(event), status = event.detail.ctx.response?.status ?? 500;
    if (!form?.matches?.('[data-sends]') || status >= 500) return;
    form.elements.key.value = [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, '0')).join('');
    if (status >= 400) return;
    const sent = event.detail.ctx.request.body?.get?.('text')?.replaceAll('\r\n', '\n');
    for (const field of $$('textarea, input[type=file]', form)) if (field.type === 'file' || field.value === sent) field.value = '';
    $('#problems')?.replaceChildren();
    hear();
  });

  /* Enter sends, Shift+Enter breaks the line; a quick reply is put where it can still be changed. */
  document.addEventListener('keydown', (event) => {
    const form = event.target.closest?.('[data-say]');
    if (!form || event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  document.addEventListener('click', (event) => {
    const put = event.target.closest?.('[data-put]');
    if (!put) return;
    const field = document.getElementById(put.dataset.put);
    field.value = put.dataset.text;
    field.focus();
  });
})();
