'use strict';
(() => {
  const byID = id => document.getElementById(id);
  const data = id => JSON.parse(byID(id).textContent);
  const cases = data('index'), ports = data('ports').map(c => c.Port), rules = data('rules');
  const rows = [...document.querySelectorAll('tr.case')];
  const bodies = [...document.querySelectorAll('tbody')];
  const heads = [...document.querySelectorAll('thead th')].slice(1);
  const filters = { q: byID('q'), outcome: byID('outcome'), area: byID('area'), port: byID('port'), level: byID('level') };
  const portName = p => `${p.name} ${p.version}`;

  // What a case is found by, in small letters.
  for (const c of cases) {
    c.text = [c.id, c.source, ...(c.covers ?? []), ...(c.labels ?? []), c.found].join('\n').toLowerCase();
  }
  for (const b of document.querySelectorAll('.case button')) b.dataset.name = portName(ports[b.dataset.port]);

  // --- filters ---

  function fits(c) {
    const { q, outcome, area, port, level } = wanted;
    if (area && c.area !== area || level && c.level !== level) return false;
    if (q.some(word => !c.text.includes(word))) return false;
    const on = port === '' ? c.cells.keys() : [Number(port)];
    for (const i of on) {
      if (!c.cells[i]) continue;
      if (!outcome || c.cells[i] === outcome || outcome === 'unexpected' && c.unlike.includes(i)) return true;
    }
    return false;
  }

  let wanted;
  function filter() {
    wanted = Object.fromEntries(Object.entries(filters).map(([name, f]) => [name, f.value]));
    wanted.q = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !fits(cases[i]);
      if (!row.hidden) shown++;
    });
    for (const body of bodies) body.hidden = !body.querySelector('tr.case:not([hidden])');
    heads.forEach((head, i) => showColumn(head, i));
    for (const row of rows) if (!row.hidden) [...row.cells].slice(1).forEach(showColumn);
    byID('shown').value = shown === cases.length ? `${shown} cases` : `${shown} of ${cases.length} cases`;
    byID('nothing').hidden = shown > 0;
    for (const b of document.querySelectorAll('.port')) b.setAttribute('aria-pressed', String(b.dataset.port === wanted.port));
    focusable(visible()[0]);
  }
  function showColumn(cell, i) { cell.hidden = wanted.port !== '' && Number(wanted.port) !== i; }

  for (const f of Object.values(filters)) f.addEventListener('input', () => { filter(); remember(); });
  document.querySelector('.tools').addEventListener('submit', e => e.preventDefault());
  document.querySelector('.tools').addEventListener('reset', () => setTimeout(() => { filter(); remember(); }));
  for (const b of document.querySelectorAll('.port')) {
    b.addEventListener('click', () => {
      filters.port.value = filters.port.value === b.dataset.port ? '' : b.dataset.port;
      filter();
      remember();
    });
  }

  // --- the address remembers filters and the open case, to be shared ---

  let open = null; // { n, port } of the open case
  function remember() {
    const state = new URLSearchParams();
    for (const [name, f] of Object.entries(filters)) if (f.value) state.set(name, name === 'port' ? portName(ports[f.value]) : f.value);
    if (open) {
      state.set('case', cases[open.n].id);
      state.set('on', portName(ports[open.port]));
    }
    history.replaceState(null, '', '#' + state);
  }
  function recall() {
    const state = new URLSearchParams(location.hash.slice(1));
    const portOf = name => ports.findIndex(p => portName(p) === name);
    for (const [name, f] of Object.entries(filters)) f.value = state.get(name) ?? '';
    const port = portOf(state.get('port'));
    filters.port.value = port < 0 ? '' : String(port);
    filter();
    const n = cases.findIndex(c => c.id === state.get('case'));
    if (n >= 0) show(n, Math.max(portOf(state.get('on')), 0));
    else if (open) dialog.close();
  }

  // --- the matrix by keyboard: one outcome is in the tab order, arrows move ---

  const visible = () => [...document.querySelectorAll('tr.case:not([hidden]) td:not([hidden]) button')];
  let current;
  function focusable(button) {
    if (current) current.tabIndex = -1;
    current = button;
    if (current) current.tabIndex = 0;
  }
  byID('matrix').addEventListener('focusin', e => { if (e.target.closest('td button')) focusable(e.target); });
  byID('matrix').addEventListener('keydown', e => {
    const from = e.target.closest('td button');
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[e.key];
    if (!from || !step) return;
    e.preventDefault();
    move(from, ...step)?.focus();
  });
  function move(from, down, right) {
    const lines = rows.filter(r => !r.hidden);
    const row = from.closest('tr');
    const buttons = r => [...r.querySelectorAll('td:not([hidden]) button')];
    if (right) return buttons(row)[buttons(row).indexOf(from) + right];
    for (let i = lines.indexOf(row) + down; lines[i]; i += down) {
      const same = lines[i].querySelector(`td:not([hidden]) button[data-port="${from.dataset.port}"]`) ?? buttons(lines[i])[0];
      if (same) return same;
    }
    return undefined;
  }
  byID('matrix').addEventListener('click', e => {
    const b = e.target.closest('td button');
    if (b) show(Number(b.closest('tr').dataset.case), Number(b.dataset.port));
  });
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
    if (e.key === '/' && !open) { e.preventDefault(); filters.q.focus(); }
    if (e.key === 'j' && open) beside(1);
    if (e.key === 'k' && open) beside(-1);
  });

  // --- a case on a port ---

  const dialog = byID('detail'), content = byID('content');
  byID('close').addEventListener('click', () => dialog.close());
  byID('previous').addEventListener('click', () => beside(-1));
  byID('next').addEventListener('click', () => beside(1));
  dialog.addEventListener('click', e => { if (e.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => {
    const { n, port } = open;
    open = null;
    remember();
    rows[n].querySelector(`button[data-port="${port}"]`)?.focus();
  });

  function beside(step) {
    const lines = rows.filter(r => !r.hidden);
    const row = lines[lines.indexOf(rows[open.n]) + step];
    if (!row) return;
    const n = Number(row.dataset.case);
    show(n, cases[n].cells[open.port] ? open.port : cases[n].cells.findIndex(Boolean));
  }

  // unpack reads the details of a case on every port.
  async function unpack(n) {
    const packed = atob(data('d' + n).replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(packed, c => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
  }

  async function show(n, port) {
    open = { n, port };
    const c = cases[n];
    byID('title').textContent = c.id.slice(c.area.length + 1);
    byID('about').textContent = [c.area, c.level, c.source && `rule: ${c.source}`, c.covers?.length && `covers ${c.covers.join(', ')}`].filter(Boolean).join(' · ');
    byID('tabs').replaceChildren(...c.cells.flatMap((outcome, i) => {
      if (!outcome) return [];
      const tab = make('button', `${outcome}${c.unlike.includes(i) ? ' unexpected' : ''}`, portName(ports[i]));
      tab.type = 'button';
      tab.setAttribute('aria-pressed', String(i === port));
      tab.title = outcome;
      tab.addEventListener('click', () => show(n, i).then(() => byID('tabs').children[[...c.cells.keys()].filter(k => c.cells[k]).indexOf(i)]?.focus()));
      return [tab];
    }));
    if (!dialog.open) dialog.showModal();
    remember();
    try {
      const details = await unpack(n);
      if (open?.n !== n || open.port !== port) return; // somebody was faster
      content.replaceChildren(...sections(details[port]));
    } catch (e) {
      content.replaceChildren(make('p', 'note bad', `The details cannot be unpacked here: ${e.message}`));
    }
    content.scrollTop = 0;
    content.focus();
  }

  function sections(d) {
    const list = [];
    const bad = d.outcome !== 'passed' && d.outcome !== 'skipped';
    const kind = d.outcome === 'passed' ? 'good' : bad ? 'bad' : 'warn';
    list.push(make('p', `note ${kind}`, `${d.outcome} after ${d.seconds.toFixed(3)} s${d.message ? '\n' + d.message : ''}`));
    if (d.known !== undefined) list.push(make('p', 'note warn', `listed as known to fail: ${d.known}`));
    if (d.verdict && (bad || d.wire)) list.push(...verdict(d));
    list.push(make('h3', '', 'Steps and expectations'));
    const steps = make('ol', 'steps');
    for (const text of d.steps ?? []) {
      const li = make('li', text.startsWith('✓') ? 'met' : / barrier$/.test(text) ? 'minor' : '', text);
      steps.append(li);
    }
    if (bad && d.message) steps.append(make('li', 'broken', '✗ ' + d.message));
    list.push(steps.children.length ? steps : make('p', 'note', 'none: the case did not begin'));
    if (d.stderr) list.push(make('h3', '', 'Standard error of the port'), make('pre', '', d.stderr));
    list.push(make('h3', '', 'Frames'));
    if (d.frames) list.push(...frames(d));
    else list.push(make('p', 'note', 'not kept: this run kept the frames of cases that did not pass (imsim test --frames all keeps all)'));
    return list;
  }

  function verdict(d) {
    const heading = make('h3', '', 'Verdict of the wire');
    if (!d.wire) return [heading, make('p', 'note', 'The wire is clean: the difference is inside the port, or in the expectation.')];
    return [heading, ...d.wire.map(f => {
      const p = make('p', 'note bad', `The ${f.side} broke ${f.rule} in frame ${f.frame}: ${f.text}`);
      p.append(make('small', '', `The rule: ${rules[f.rule] ?? ''}`));
      return p;
    })];
  }

  const arrows = { up: '↑', down: '↓', open: '┌', close: '└' };
  function frames(d) {
    const start = d.frames[0].time;
    const broken = new Set((d.wire ?? []).map(f => f.frame));
    const find = make('input', 'find');
    find.type = 'search';
    find.placeholder = 'only frames with …';
    find.setAttribute('aria-label', 'Only frames with this text');
    const list = make('div', 'frames');
    for (const f of d.frames) {
      const command = f.frame?.head?.servcmd;
      const item = make(f.frame === undefined ? 'div' : 'details', 'frame');
      const line = f.frame === undefined ? item : item.appendChild(make('summary'));
      if (f.frame === undefined) item.classList.add('ends');
      const text = f.frame === undefined ? '' : JSON.stringify(f.frame);
      const what = make('span', 'what', command ? `${command} ${f.frame.head.seq}` : f.frame === undefined ? `connection ${f.conn} ${f.dir === 'open' ? 'opens' : 'ends'}` : text);
      const code = f.frame?.body?.ErrorCode;
      if (code) what.append(' ', make('mark', '', String(code)));
      if (f.fault) what.append(' ', make('mark', '', `fault: ${f.fault}`));
      if (broken.has(f.n)) what.append(' ', make('mark', '', 'breaks a rule'));
      line.append(make('span', 'n', f.n), make('span', 'at', `+${(f.time - start).toFixed(3)} s`), make('span', f.dir, arrows[f.dir]),
        make('span', 'who', f.frame === undefined ? '' : `${f.userID ?? '?'} (${f.conn})`), what, make('span', 'size', text && `${text.length} B`));
      line.querySelector(`.${f.dir}`).title = { up: 'to the server', down: 'to the client', open: '', close: '' }[f.dir];
      item.dataset.text = `${f.userID ?? ''} ${text}`.toLowerCase();
      item.addEventListener('toggle', () => {
        if (item.open && item.children.length === 1) item.append(make('pre', '', typeof f.frame === 'string' ? f.frame : JSON.stringify(f.frame, null, 2)));
      });
      list.append(item);
    }
    find.addEventListener('input', () => {
      const word = find.value.toLowerCase();
      for (const item of list.children) item.hidden = !item.dataset.text.includes(word);
    });
    return [find, list];
  }

  function make(tag, className = '', text) {
    const e = document.createElement(tag);
    if (className) e.className = className;
    if (text !== undefined) e.textContent = text;
    return e;
  }

  addEventListener('hashchange', recall);
  recall();
})();
