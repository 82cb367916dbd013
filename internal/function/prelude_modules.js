  // ---- the modules a function can load ----

  function makeCrypto(Buffer) {
    function inputHex(data, encoding) {
      if (typeof data === 'string') {
        if (encoding !== undefined) return hex(encode(data, encoding));
        // A byte string of runtime 1.0 cannot be told from an ordinary string here, and the
        // hashes of the two differ above U+007F.
        if (state.byteStrings && /[^\x00-\x7f]/.test(data)) {
          mark('unknown', 'a string that may be a byte string');
          return hex(latin1(data));
        }
        return hex(utf8(data));
      }
      if (data && typeof data === 'object' && data.byteLength !== undefined) {
        return hex(data instanceof ArrayBuffer ? new bytesOf(data) : data);
      }
      throw new TypeError('data is not a string or Buffer-like object');
    }
    function digester(kind, algorithm, key) {
      if (typeof algorithm !== 'string') throw new TypeError('algorithm must be a string');
      if (!['md5', 'sha1', 'sha256'].includes(algorithm)) throw new TypeError('not supported algorithm: "' + algorithm + '"');
      let held = '', done = false;
      return {
        update(data, encoding) {
          if (done) throw new TypeError('Digest already called');
          held += inputHex(data, encoding);
          return this;
        },
        digest(encoding) {
          if (done) throw new TypeError('Digest already called');
          done = true;
          const bytes = unhex(host.cfdoctorDigest(kind, algorithm, key, held));
          if (encoding === undefined) return v2 ? Buffer.from(bytes) : unlatin1(bytes);
          if (!['hex', 'base64', 'base64url'].includes(encoding)) throw new TypeError('Unknown digest encoding: "' + text(encoding) + '"');
          return decode(bytes, encoding);
        },
      };
    }
    return {
      createHash(algorithm) { return digester('hash', algorithm, ''); },
      createHmac(algorithm, key) { return digester('hmac', algorithm, inputHex(key)); },
    };
  }

  function makeQuerystring() {
    const encodeComponent = encodeURIComponent, decodeComponent = decodeURIComponent;
    const escape = (value) => encodeComponent(text(value));
    const unescape = (value) => {
      try { return decodeComponent(value); } catch (e) { return unutf8(percentBytes(text(value)), false); }
    };
    function percentBytes(string) {
      const out = [];
      for (let i = 0; i < string.length; i++) {
        const code = /^%[0-9a-fA-F]{2}/.test(string.slice(i, i + 3)) ? parseInt(string.slice(i + 1, i + 3), 16) : -1;
        if (code >= 0) { out[out.length] = code; i += 2; } else for (const b of utf8(string[i])) out[out.length] = b;
      }
      return out;
    }
    function parseQuery(string, separator, equal, options) {
      const out = {}, sep = separator || '&', eq = equal || '=';
      const decoder = (options && options.decodeURIComponent) || unescape;
      const max = options && options.maxKeys !== undefined ? options.maxKeys : 1000;
      const parts = text(string).split(sep);
      for (let i = 0; i < parts.length && (max <= 0 || i < max); i++) {
        if (parts[i] === '') continue;
        const at = parts[i].indexOf(eq);
        const read = (s) => decoder(s.replace(/\+/g, ' '));
        const key = read(at < 0 ? parts[i] : parts[i].slice(0, at));
        const value = at < 0 ? '' : read(parts[i].slice(at + eq.length));
        if (!hasOwn(out, key)) defineProperty(out, key, { value, writable: true, enumerable: true, configurable: true });
        else if (isArray(out[key])) out[key].push(value);
        else out[key] = [out[key], value];
      }
      return out;
    }
    function stringifyQuery(object, separator, equal, options) {
      if (object === null || typeof object !== 'object') return '';
      const encoder = (options && options.encodeURIComponent) || escape;
      const scalar = (v) => (['string', 'number', 'boolean'].includes(typeof v) ? text(v) : '');
      const out = [];
      for (const key of keys(object)) {
        const values = isArray(object[key]) ? object[key] : [object[key]];
        for (const value of values) out.push(encoder(key) + (equal || '=') + encoder(scalar(value)));
      }
      return out.join(separator || '&');
    }
    return { parse: parseQuery, decode: parseQuery, stringify: stringifyQuery, encode: stringifyQuery, escape, unescape };
  }

  function makeStore(id) {
    const look = (key) => {
      mark('tainted', 'kvs');
      if (typeof key !== 'string') throw new TypeError('the key is not a string');
      const found = parse(host.cfdoctorKey(key));
      if (found.unknown) { mark('unknown', 'the key ' + stringify(key) + ' of the key value store'); throw new Error('key not captured'); }
      return found;
    };
    return {
      async get(key, options) {
        const found = look(key);
        if (!found.found) throw new Error('KeyNotFound: the key value store has no key ' + key);
        const format = options && options.format;
        if (format === undefined || format === 'string') return found.value;
        if (format === 'json') return parse(found.value);
        if (format === 'bytes') return modules.buffer.Buffer.from(found.value);
        throw new TypeError('unknown format ' + text(format));
      },
      async exists(key) { return look(key).found; },
      async count() { mark('unknown', 'the number of keys of the key value store'); return 0; },
      async meta() {
        mark('unknown', 'the metadata of the key value store');
        return { creationDateTime: '', lastUpdatedDateTime: '', keyCount: 0 };
      },
    };
  }

  function makeCloudFront() {
    const rewrite = (kind) => function (a, b) {
      if (state.eventType !== 'viewer-request') mark('unsure', 'cf.' + kind + ' outside viewer-request');
      state.origin[state.origin.length] = [kind, describe(a), describe(b)];
    };
    const cf = {
      kvs(id) { mark('tainted', 'kvs'); return makeStore(id); },
      updateRequestOrigin: rewrite('updateRequestOrigin'),
      selectRequestOriginById: rewrite('selectRequestOriginById'),
      createRequestOriginGroup: rewrite('createRequestOriginGroup'),
    };
    for (const name of ['edgeLocation', 'cwt', 'distributionTenant', 'context']) {
      defineProperty(cf, name, {
        get() {
          mark('unknown', 'cf.' + name);
          return name === 'edgeLocation' ? { name: '', serverIp: '', region: '' } : undefined;
        }, enumerable: true, configurable: true,
      });
    }
    return cf;
  }

  // The nonstandard string methods of runtime 1.0 (DG/functions-javascript-runtime-10).
  function installByteStrings() {
    define(String, 'bytesFrom', function (data, encoding) {
      state.byteStrings = true;
      if (isArray(data)) return unlatin1(data.map((b) => b & 255));
      if (typeof data !== 'string') throw new TypeError('value must be a string or array');
      return unlatin1(encode(data, encoding));
    });
    define(String.prototype, 'bytesFrom', String.bytesFrom);
    const method = (name, convert) => define(String.prototype, name, function (start, end) {
      state.byteStrings = true;
      return convert(text(this), start, end);
    });
    method('fromBytes', (s, start, end) => s.slice(start, end));
    method('fromUTF8', (s, start, end) => unutf8(latin1(s.slice(start, end)), true));
    method('toBytes', (s, start, end) => (/[^\x00-\xff]/.test(s) ? null : s.slice(start, end)));
    method('toUTF8', (s, start, end) => unlatin1(utf8(s).slice(start, end)));
  }

  function installBase64() {
    define(globalThis, 'btoa', function btoa(value) {
      const s = text(value);
      if (/[^\x00-\xff]/.test(s)) throw new TypeError('invalid character (>= U+00FF)');
      return base64(latin1(s), false);
    });
    define(globalThis, 'atob', function atob(value) {
      const s = text(value).replace(/[\t\n\f\r ]/g, '').replace(/={1,2}$/, '');
      if (/[^A-Za-z0-9+/]/.test(s) || s.length % 4 === 1) throw new TypeError('the string to be decoded is not correctly encoded');
      return unlatin1(unbase64(s));
    });
  }

  const console = {
    log(value) {
      const recording = state.recording;
      state.recording = false;
      let line;
      try { line = typeof value === 'string' ? value : stringify(value); } catch (e) { line = '[object]'; }
      if (line === undefined) line = text(value);
      state.recording = recording;
      // A run's log is cut at 10 KB (DG/edge-functions-logs).
      if (state.logged < 10240) state.logs[state.logs.length] = slice.call(line, 0, 10240 - state.logged);
      state.logged += line.length;
    },
  };

  const modules = create(null);
  const Buffer = makeBuffer();
  modules.crypto = makeCrypto(Buffer);
  modules.querystring = makeQuerystring();
  if (v2) {
    modules.buffer = { Buffer };
    modules.cloudfront = makeCloudFront();
    define(globalThis, 'Buffer', Buffer);
    installBase64();
  } else {
    installByteStrings();
  }
  function load(name) {
    if (typeof name === 'string' && name in modules) return modules[name];
    throw new Error('Cannot find module "' + text(name) + '"');
  }
  define(globalThis, 'console', console);
  define(globalThis, 'require', function require(name) { return load(name); });
  define(globalThis, 'MemoryError', class MemoryError extends Error {});
