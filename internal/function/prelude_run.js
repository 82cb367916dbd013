  // ---- the event ----

  // A watched map notes which of its entries the function asks for, so that the result can
  // say which headers, cookies and query strings it hangs on.
  function watcher(prefix) {
    const note = (key, found) => {
      if (!state.recording || typeof key !== 'string') return;
      if (!found && key in objectPrototype) return;
      const path = prefix + key;
      if (state.written[path] === undefined && state.reads[path] === undefined) state.reads[path] = found;
    };
    const wrote = (key) => { if (typeof key === 'string') state.written[prefix + key] = true; };
    return {
      get(target, key) { note(key, hasOwn(target, key)); return target[key]; },
      has(target, key) { note(key, hasOwn(target, key)); return key in target; },
      getOwnPropertyDescriptor(target, key) { note(key, hasOwn(target, key)); return getOwnPropertyDescriptor(target, key); },
      ownKeys(target) { note('*', true); return ownKeys(target); },
      set(target, key, value) { wrote(key); target[key] = value; return true; },
      defineProperty(target, key, descriptor) { wrote(key); defineProperty(target, key, descriptor); return true; },
      deleteProperty(target, key) { wrote(key); return delete target[key]; },
    };
  }
  const watchers = create(null);
  for (const map of ['request.headers', 'request.cookies', 'request.querystring', 'response.headers', 'response.cookies', 'viewer']) {
    watchers[map] = watcher(map + '.');
  }
  function watch(object, map, name) {
    const target = object[map], proxy = new NativeProxy(target, watchers[name]);
    state.watched[state.watched.length] = proxy;
    state.targets[state.targets.length] = target;
    object[map] = proxy;
  }
  function prepare(input) {
    const event = input.event, request = event.request;
    state.eventType = event.context.eventType;
    watch(event, 'viewer', 'viewer');
    if (request) {
      watch(request, 'headers', 'request.headers');
      watch(request, 'cookies', 'request.cookies');
      watch(request, 'querystring', 'request.querystring');
      if (v2) {
        defineProperty(request, 'rawQueryString', {
          value() { return input.rawQuery === null ? undefined : input.rawQuery; },
          writable: true, enumerable: false, configurable: true,
        });
      }
    }
    if (event.response) {
      watch(event.response, 'headers', 'response.headers');
      watch(event.response, 'cookies', 'response.cookies');
    }
    return event;
  }

  // ---- the answer ----

  // describe turns any value into a list of tokens in one string, without loss of kind or order: value.go reads it. A
  // container is its number of entries and then these, the ones of an object with their names; JSON would be slower to make
  // and to read, and lacks some kinds. A token that contains the separator makes the count at the beginning wrong.
  const separator = '\x7f', join = Array.prototype.join;
  function describe(value) {
    const out = [''], watched = state.watched;
    let at = 1, nodes = 0, huge = false;
    const walk = (v, depth) => {
      switch (typeof v) {
        case 'string': out[at++] = 's' + v; return;
        case 'boolean': out[at++] = v ? 't' : 'f'; return;
        case 'number': out[at++] = v - v === 0 ? 'n' + v : 'x'; return;
        case 'object': break;
        default: out[at++] = 'u' + typeof v; return;
      }
      if (v === null) { out[at++] = 'z'; return; }
      if (depth > 6) { out[at++] = 'd'; return; }
      if (depth < 3) for (let i = 0; i < watched.length; i++) if (watched[i] === v) { v = state.targets[i]; break; }
      const list = isArray(v), names = keys(v), count = names.length;
      out[at++] = (list ? 'a' : 'o') + count;
      nodes += count;
      huge = huge || nodes > 5000;
      for (let i = 0; i < count && !huge; i++) {
        const name = names[i], entry = v[name];
        if (!list) out[at++] = name;
        if (typeof entry === 'string') out[at++] = 's' + entry; else walk(entry, depth + 1);
      }
    };
    walk(value, 0);
    if (huge) return '2' + separator + 'h';
    out[0] = text(at);
    return apply(join, out, [separator]);
  }
  const plain = (value) => { try { return text(value); } catch (e) { return 'a value that cannot be shown'; } };
  function failure(error) {
    const out = { name: '', message: '', stack: '' };
    if (error !== null && typeof error === 'object') {
      for (const key of ['name', 'message', 'stack']) {
        try { if (error[key] !== undefined) out[key] = plain(error[key]); } catch (e) { out.message = 'an error that cannot be read'; }
      }
      if (out.name === '' && out.message === '') out.message = plain(error);
    } else {
      out.message = plain(error);
    }
    return out;
  }
  function seal(outcome) {
    state.recording = false;
    outcome.logs = state.logs;
    outcome.marks = state.marks;
    outcome.reads = state.reads;
    outcome.origin = state.origin;
    outcome.dirty = state.dirty;
    state.settled = true;
    state.envelope = stringify(outcome);
  }
  function answer(value) {
    state.recording = false;
    try { seal({ value: describe(value) }); } catch (error) { seal({ error: failure(error) }); }
  }

  restrictSurface(config.surface);
  installClock();
  forbidCode();

  // harden freezes everything the code can reach without making it itself, so that a run
  // leaves no trace in a machine that the next run shares.
  function harden(roots) {
    const seen = new NativeWeakSet(), queue = roots;
    while (queue.length > 0) {
      const object = queue.pop();
      if (object === null || (typeof object !== 'object' && typeof object !== 'function') || seen.has(object)) continue;
      seen.add(object);
      queue.push(getPrototypeOf(object));
      for (const key of ownKeys(object)) {
        const d = getOwnPropertyDescriptor(object, key);
        queue.push(d.value, d.get, d.set);
        if (overridable.includes(object) && hasOwn(d, 'value') && d.configurable) yieldToOwn(object, key, d);
      }
      freeze(object);
    }
  }
  const overridable = [Object.prototype];
  for (const name of ['', 'Eval', 'Internal', 'Range', 'Reference', 'Syntax', 'Type', 'URI', 'Memory']) overridable.push(globalThis[name + 'Error'].prototype);
  // A frozen property of a prototype would also stop objects from having their own of that
  // name; an accessor does not.
  function yieldToOwn(object, key, d) {
    const value = d.value;
    defineProperty(object, key, {
      get() { return value; },
      set(own) {
        if (this === object) { state.dirty = true; throw new TypeError('shared'); }
        defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
      },
      enumerable: d.enumerable, configurable: true,
    });
  }
  if (config.shared) {
    harden([globalThis, function* () {}, async function () {}, async function* () {}, [][Symbol.iterator](), ''[Symbol.iterator](),
      ...keys(modules).map((name) => modules[name]), getPrototypeOf(bytesOf)]);
  }

  let make;
  return {
    install(factory) { make = factory; },
    // run gives the outcome as JSON, or '' when the function waits for a promise.
    run(json) {
      const input = parse(json);
      begin(input);
      try {
        const event = prepare(input);
        const handler = make(load);
        if (typeof handler !== 'function') { seal({ missing: true }); return state.envelope; }
        const value = handler(event);
        if (value instanceof NativePromise) apply(then, value, [answer, (error) => seal({ error: failure(error) })]);
        else answer(value);
      } catch (error) {
        seal({ error: failure(error) });
      }
      return state.settled ? state.envelope : '';
    },
    finish() {
      if (!state.settled) seal({ waiting: true });
      return state.envelope;
    },
  };
