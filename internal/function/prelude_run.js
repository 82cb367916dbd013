  // ---- the event ----

  // A watched map notes which of its entries the function asks for, so that the result can say which headers, cookies and query
  // strings it hangs on. It comes as JSON, which is read when the function first touches the map: most functions leave most of
  // them alone, and what was never touched need not be described either.
  function watcher(index) {
    const touch = (target) => {
      const source = state.sources[index];
      if (source === null) return;
      state.sources[index] = null;
      const content = parse(source), names = keys(content);
      for (let i = 0; i < names.length; i++) {
        const key = names[i];
        if (key in objectPrototype) defineProperty(target, key, { value: content[key], writable: true, enumerable: true, configurable: true });
        else target[key] = content[key];
      }
    };
    const note = (target, key) => {
      touch(target);
      if (!state.recording || typeof key !== 'string') return;
      const seen = state.seen[index];
      if (seen[key] !== undefined) return;
      const found = hasOwn(target, key);
      if (found || !(key in objectPrototype)) seen[key] = found ? 't' : 'f';
    };
    const wrote = (target, key) => {
      touch(target);
      if (typeof key === 'string' && state.seen[index][key] === undefined) state.seen[index][key] = 'w';
    };
    return {
      get(target, key) { note(target, key); return target[key]; },
      has(target, key) { note(target, key); return key in target; },
      getOwnPropertyDescriptor(target, key) { note(target, key); return getOwnPropertyDescriptor(target, key); },
      ownKeys(target) {
        touch(target);
        if (state.recording && state.seen[index]['*'] === undefined) state.seen[index]['*'] = 't';
        return ownKeys(target);
      },
      set(target, key, value) { wrote(target, key); target[key] = value; return true; },
      defineProperty(target, key, descriptor) { wrote(target, key); defineProperty(target, key, descriptor); return true; },
      deleteProperty(target, key) { wrote(target, key); return delete target[key]; },
      preventExtensions(target) { touch(target); return preventExtensions(target); },
      setPrototypeOf(target, prototype) { touch(target); return setPrototypeOf(target, prototype); },
    };
  }
  // value.go knows these by their index.
  const maps = ['viewer', 'request.headers', 'request.cookies', 'request.querystring', 'response.headers', 'response.cookies'];
  const watchers = maps.map((map, index) => watcher(index));
  function watch(index, source) {
    const target = {}, proxy = new NativeProxy(target, watchers[index]);
    state.sources[index] = source;
    state.targets[index] = target;
    state.watched[index] = proxy;
    // What the function did with each entry: found it, did not find it, or wrote it before it looked.
    state.seen[index] = { __proto__: null };
    return proxy;
  }
  const requestPrototype = {};
  if (v2) define(requestPrototype, 'rawQueryString', function rawQueryString() { return state.rawQuery === null ? undefined : state.rawQuery; });
  function prepare(distributionId, distributionDomainName, requestId, method, uri, viewer, headers, cookies, querystring, answered) {
    const event = {
      version: '1.0',
      context: { distributionDomainName, distributionId, eventType: state.eventType, requestId },
      viewer: watch(0, viewer),
      request: {
        __proto__: requestPrototype, method, uri,
        querystring: watch(3, querystring), headers: watch(1, headers), cookies: watch(2, cookies),
      },
    };
    if (answered !== null) {
      const response = parse(answered);
      event.response = {
        statusCode: response.status, statusDescription: response.description,
        headers: watch(4, response.headers), cookies: watch(5, response.cookies),
      };
    }
    return event;
  }
  // reads lists what the function asked of the maps, each with a first letter that says whether it was there.
  function reads() {
    const out = [], { seen } = state;
    for (let i = 0; i < seen.length; i++) {
      if (seen[i] === undefined) continue;
      for (const key in seen[i]) if (seen[i][key] !== 'w') out[out.length] = seen[i][key] + maps[i] + '.' + key;
    }
    return out;
  }

  // ---- the answer ----

  // describe turns any value into a list of tokens in one string, without loss of kind or order: value.go reads it. A
  // container is its number of entries and then these, the ones of an object with their names; JSON would be slower to make
  // and to read, and lacks some kinds. A token that contains the separator makes the count at the beginning wrong.
  const separator = '\x7f', join = Array.prototype.join, includes = String.prototype.includes;
  // tokens appends the tokens of a value to out and tells whether that could be done.
  function tokens(value, out) {
    const { watched, sources, targets } = state;
    let nodes = 0, huge = false;
    const walk = (v, depth) => {
      switch (typeof v) {
        case 'string': out[out.length] = 's' + v; return;
        case 'boolean': out[out.length] = v ? 't' : 'f'; return;
        case 'number': out[out.length] = v - v === 0 ? 'n' + v : 'x'; return;
        case 'object': break;
        default: out[out.length] = 'u' + typeof v; return;
      }
      if (v === null) { out[out.length] = 'z'; return; }
      if (depth > 6) { out[out.length] = 'd'; return; }
      let seen = null, kept = '';
      if (depth < 3) {
        for (let i = 0; i < watched.length; i++) {
          if (watched[i] !== v) continue;
          if (sources[i] !== null) { out[out.length] = 'w' + i; return; }
          v = targets[i];
          seen = state.seen[i];
          kept = 'k' + i;
          break;
        }
      }
      const list = isArray(v), names = keys(v), count = names.length;
      out[out.length] = (list ? 'a' : 'o') + count;
      nodes += count;
      huge = huge || nodes > 5000;
      for (let i = 0; i < count && !huge; i++) {
        const name = names[i];
        if (!list) out[out.length] = name;
        if (seen !== null && seen[name] === undefined) { out[out.length] = kept; continue; }
        const entry = v[name];
        if (typeof entry === 'string') out[out.length] = 's' + entry; else walk(entry, depth + 1);
      }
    };
    walk(value, 0);
    return !huge;
  }
  function describe(value) {
    const out = [''];
    if (!tokens(value, out)) return '2' + separator + 'h';
    out[0] = text(out.length);
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
    outcome.reads = reads();
    outcome.origin = state.origin;
    outcome.dirty = state.dirty;
    state.settled = true;
    state.envelope = stringify(outcome);
  }
  // sealBriefly is seal for a value, without JSON: the number of tokens, dirty, how many reads, marks and logs there are, these,
  // and the value. In the token of a read the first letter says whether it was found.
  function sealBriefly(value) {
    const { marks, logs } = state, asked = reads();
    const out = ['', state.dirty ? 't' : 'f', text(asked.length), text(marks.length), text(logs.length)];
    for (let i = 0; i < asked.length; i++) out[out.length] = asked[i];
    for (let i = 0; i < marks.length; i++) out[out.length] = marks[i];
    for (let i = 0; i < logs.length; i++) out[out.length] = logs[i];
    for (let i = 5; i < out.length; i++) if (apply(includes, out[i], [separator])) return false;
    if (!tokens(value, out)) return false;
    out[0] = text(out.length);
    state.settled = true;
    state.envelope = apply(join, out, [separator]);
    return true;
  }
  function answer(value) {
    state.recording = false;
    try {
      if (state.origin.length > 0 || !sealBriefly(value)) seal({ value: describe(value) });
    } catch (error) { seal({ error: failure(error) }); }
  }
  const failed = (error) => seal({ error: failure(error) });

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
      ...keys(modules).map((name) => modules[name]), getPrototypeOf(bytesOf), requestPrototype]);
  }

  let make;
  return {
    install(factory) { make = factory; },
    // run gives the outcome, or '' when the function waits for a promise. Its arguments are those of Event.arguments.
    run(now, random, eventType, distribution, domain, requestId, method, uri, rawQuery, viewer, headers, cookies, querystring, response) {
      begin(now, random, eventType, rawQuery);
      try {
        const event = prepare(distribution, domain, requestId, method, uri, viewer, headers, cookies, querystring, response);
        const handler = make(load);
        if (typeof handler !== 'function') { seal({ missing: true }); return state.envelope; }
        const value = handler(event);
        if (value instanceof NativePromise) apply(then, value, [answer, failed]);
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
