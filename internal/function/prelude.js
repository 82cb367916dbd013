// The sandbox's JavaScript side. It evaluates to a function of the configuration that
// gives back {load, run, finish}; everything it needs later is captured here, before the
// function's code exists, so nothing that code changes can reach it.
(function (config) {
  'use strict';

  const host = {};
  for (const name of config.hostNames) {
    host[name] = globalThis[name];
    delete globalThis[name];
  }

  const v2 = config.runtime !== 'cloudfront-js-1.0';
  const { defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames, getPrototypeOf, freeze, keys, create } = Object;
  const { ownKeys, apply, construct, preventExtensions, setPrototypeOf } = Reflect;
  const hasOwn = Object.hasOwn;
  const { parse, stringify } = JSON;
  const NativeDate = Date, NativePromise = Promise, NativeProxy = Proxy, NativeSet = Set, NativeWeakSet = WeakSet;
  const then = Promise.prototype.then, has = Set.prototype.has, add = Set.prototype.add;
  const objectPrototype = Object.prototype;
  const text = String, isArray = Array.isArray;
  const fromCharCode = String.fromCharCode, fromCodePoint = String.fromCodePoint;
  const charCodeAt = String.prototype.charCodeAt, slice = String.prototype.slice;
  const bytesOf = Uint8Array;

  // One run's state; the next run replaces it.
  let state;
  function begin(now, random, eventType, rawQuery) {
    state = {
      now, random, draws: 0, recording: true, dirty: false, eventType, rawQuery, logs: [], logged: 0, marks: [], marked: null,
      origin: [], watched: [], sources: [], targets: [], seen: [], settled: false, envelope: '', byteStrings: false,
    };
  }
  function mark(kind, name) {
    if (!state || !state.recording) return;
    const id = kind + ':' + name;
    if (state.marked === null) state.marked = new NativeSet();
    if (apply(has, state.marked, [id])) return;
    apply(add, state.marked, [id]);
    state.marks[state.marks.length] = id;
  }

  // ---- what the runtime has not ----

  const keepAlways = { length: 1, name: 1, prototype: 1, constructor: 1, stack: 1, ['__proto__']: 1 };
  const inherited = { toString: 1, valueOf: 1, hasOwnProperty: 1, isPrototypeOf: 1, propertyIsEnumerable: 1 };

  // absent replaces a property the runtime does not list by one that reads as undefined
  // and leaves a mark, so that a result that depends on it is not called certain.
  function absent(object, key, kind, label) {
    defineProperty(object, key, {
      get() { mark(kind, label); return undefined; },
      set(value) {
        if (config.shared) { state.dirty = true; throw new TypeError('shared'); }
        defineProperty(this, key, { value, writable: true, enumerable: this !== object, configurable: true });
      },
      enumerable: false, configurable: true,
    });
  }
  function restrict(object, label, allowed) {
    // The engine itself reads these of Error while it notes where an error arose.
    if (label === 'Error') for (const key of config.errorHooks) delete object[key];
    for (const key of getOwnPropertyNames(object)) {
      if (hasOwn(keepAlways, key) || allowed.includes(key)) continue;
      if (!getOwnPropertyDescriptor(object, key).configurable) continue;
      if (hasOwn(inherited, key) && object !== objectPrototype) delete object[key];
      else absent(object, key, 'absent', label + '.' + key);
    }
    for (const key of allowed) if (!(key in object)) absent(object, key, 'unsure', label + '.' + key);
  }
  function restrictSurface(surface) {
    const typed = getPrototypeOf(Uint8Array);
    for (const label of keys(surface)) {
      const dot = label.indexOf('.');
      const base = dot < 0 ? label : label.slice(0, dot);
      const owner = base === 'TypedArray' ? typed : globalThis[base];
      if (owner === undefined || owner === null) continue;
      const object = dot < 0 ? owner : owner.prototype;
      if (object && (typeof object === 'object' || typeof object === 'function')) restrict(object, label, surface[label]);
    }
    for (const key of getOwnPropertyNames(globalThis)) {
      if (hasOwn(surface, key) || key === 'globalThis') continue;
      if (getOwnPropertyDescriptor(globalThis, key).configurable) absent(globalThis, key, 'absent', key);
    }
    for (const key of config.absentGlobals) absent(globalThis, key, 'absent', key);
    for (const key of config.unsureGlobals) absent(globalThis, key, 'unsure', key);
  }

  // ---- time, chance, code from text ----

  function FixedDate(...args) {
    if (new.target === undefined) { mark('tainted', 'Date'); return text(new NativeDate(state.now)); }
    if (args.length === 0) { mark('tainted', 'Date'); args = [state.now]; }
    return construct(NativeDate, args, new.target === FixedDate ? NativeDate : new.target);
  }
  function installClock() {
    FixedDate.prototype = NativeDate.prototype;
    defineProperty(FixedDate, 'name', { value: 'Date', configurable: true });
    FixedDate.UTC = NativeDate.UTC;
    FixedDate.parse = NativeDate.parse;
    FixedDate.now = function now() { mark('tainted', 'Date'); return state.now; };
    defineProperty(NativeDate.prototype, 'constructor', { value: FixedDate, writable: true, configurable: true });
    define(globalThis, 'Date', FixedDate);
    define(Math, 'random', function random() {
      mark('tainted', 'Math.random');
      const draw = state.random + state.draws++ * 0.6180339887498949;
      return draw - Math.floor(draw);
    });
  }
  function forbidCode() {
    const refuse = function () { throw new InternalError('dynamic code evaluation is not supported'); };
    const noFunction = function Function() { return refuse(); };
    noFunction.prototype = Function.prototype;
    const samples = [function () {}, async function () {}, function* () {}, async function* () {}];
    for (const sample of samples) {
      defineProperty(getPrototypeOf(sample), 'constructor', { value: noFunction, writable: true, configurable: true });
    }
    define(globalThis, 'Function', noFunction);
    define(globalThis, 'eval', function () { return refuse(); });
  }
  function define(object, key, value) {
    defineProperty(object, key, { value, writable: true, enumerable: false, configurable: true });
  }

  // ---- bytes ----

  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const sextet = create(null);
  for (let i = 0; i < 64; i++) sextet[alphabet[i]] = i;
  sextet['-'] = 62; sextet['_'] = 63;

  function base64(bytes, url) {
    let out = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const n = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
      out += alphabet[n >> 18] + alphabet[(n >> 12) & 63];
      out += i + 1 < bytes.length ? alphabet[(n >> 6) & 63] : url ? '' : '=';
      out += i + 2 < bytes.length ? alphabet[n & 63] : url ? '' : '=';
    }
    return url ? out.replace(/\+/g, '-').replace(/\//g, '_') : out;
  }
  function unbase64(string) {
    const out = [];
    let bits = 0, held = 0;
    for (let i = 0; i < string.length; i++) {
      const value = sextet[string[i]];
      if (value === undefined) { if (string[i] === '=') break; continue; }
      held = ((held << 6) | value) & 0xffffff;
      bits += 6;
      if (bits >= 8) { bits -= 8; out[out.length] = (held >> bits) & 255; }
    }
    return out;
  }
  function hex(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length; i++) out += (bytes[i] < 16 ? '0' : '') + bytes[i].toString(16);
    return out;
  }
  function unhex(string) {
    const out = [];
    for (let i = 0; i + 1 < string.length; i += 2) {
      const value = parseInt(slice.call(string, i, i + 2), 16);
      if (value !== value) break;
      out[out.length] = value;
    }
    return out;
  }
  function utf8(string) {
    const out = [];
    for (let i = 0; i < string.length; i++) {
      let c = string.codePointAt(i);
      if (c > 0xffff) i++;
      if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd;
      if (c < 0x80) out[out.length] = c;
      else if (c < 0x800) { out[out.length] = 0xc0 | (c >> 6); out[out.length] = 0x80 | (c & 63); }
      else {
        if (c < 0x10000) out[out.length] = 0xe0 | (c >> 12);
        else { out[out.length] = 0xf0 | (c >> 18); out[out.length] = 0x80 | ((c >> 12) & 63); }
        out[out.length] = 0x80 | ((c >> 6) & 63);
        out[out.length] = 0x80 | (c & 63);
      }
    }
    return out;
  }
  // unutf8 decodes; a malformed sequence becomes U+FFFD, or makes the whole null when strict.
  function unutf8(bytes, strict) {
    let out = '';
    for (let i = 0; i < bytes.length;) {
      const b = bytes[i];
      const need = b < 0x80 ? 0 : b >= 0xc2 && b < 0xe0 ? 1 : b >= 0xe0 && b < 0xf0 ? 2 : b >= 0xf0 && b < 0xf5 ? 3 : -1;
      let c = need === 0 ? b : b & (0x3f >> need), ok = need >= 0;
      for (let k = 1; ok && k <= need; k++) {
        const next = bytes[i + k];
        ok = next !== undefined && (next & 0xc0) === 0x80;
        c = (c << 6) | (next & 63);
      }
      ok = ok && !(need === 2 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) && !(need === 3 && (c < 0x10000 || c > 0x10ffff));
      if (ok) { out += fromCodePoint(c); i += need + 1; }
      else if (strict) return null;
      else { out += '\ufffd'; i++; }
    }
    return out;
  }
  function latin1(string) {
    const out = [];
    for (let i = 0; i < string.length; i++) out[i] = charCodeAt.call(string, i) & 255;
    return out;
  }
  function unlatin1(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length; i++) out += fromCharCode(bytes[i]);
    return out;
  }
  function encode(string, encoding) {
    switch (encoding === undefined ? 'utf8' : text(encoding).toLowerCase()) {
      case 'utf8': case 'utf-8': return utf8(string);
      case 'hex': return unhex(string);
      case 'base64': case 'base64url': return unbase64(string);
    }
    throw new TypeError('"' + text(encoding) + '" encoding is not supported');
  }
  function decode(bytes, encoding) {
    switch (encoding === undefined ? 'utf8' : text(encoding).toLowerCase()) {
      case 'utf8': case 'utf-8': return unutf8(bytes, false);
      case 'hex': return hex(bytes);
      case 'base64': return base64(bytes, false);
      case 'base64url': return base64(bytes, true);
    }
    throw new TypeError('"' + text(encoding) + '" encoding is not supported');
  }

  //#include prelude_buffer.js
  //#include prelude_modules.js
  //#include prelude_run.js
})
