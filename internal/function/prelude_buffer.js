  // ---- Buffer (runtime 2.0) ----

  function makeBuffer() {
    const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    class Buffer extends bytesOf {
      static alloc(size, fill, encoding) {
        const made = new Buffer(checkSize(size));
        return fill === undefined ? made : made.fill(fill, 0, made.length, encoding);
      }
      static allocUnsafe(size) { return new Buffer(checkSize(size)); }
      static allocUnsafeSlow(size) { return new Buffer(checkSize(size)); }
      static byteLength(value, encoding) { return typeof value === 'string' ? encode(value, encoding).length : value.byteLength; }
      static compare(a, b) { return order(a, b); }
      static concat(list, total) {
        let length = 0;
        for (let i = 0; i < list.length; i++) length += list[i].length;
        const out = new Buffer(total === undefined ? length : checkSize(total));
        let at = 0;
        for (let i = 0; i < list.length && at < out.length; i++) {
          for (let k = 0; k < list[i].length && at < out.length; k++) out[at++] = list[i][k];
        }
        return out;
      }
      static from(value, encoding, length) {
        if (typeof value === 'string') return fill(encode(value, encoding));
        if (value instanceof ArrayBuffer) return new Buffer(value, encoding, length);
        if (value && typeof value === 'object') {
          if (value.type === 'Buffer' && isArray(value.data)) return fill(value.data);
          if (value.length !== undefined) return fill(value);
        }
        throw new TypeError('first argument is not a string or Buffer-like object');
      }
      static isBuffer(value) { return value instanceof Buffer; }
      static isEncoding(name) { return ['utf8', 'utf-8', 'hex', 'base64', 'base64url'].includes(text(name).toLowerCase()); }
      compare(other) { return order(this, other); }
      equals(other) { return order(this, other) === 0; }
      copy(target, targetStart, start, end) {
        const part = this.subarray(start || 0, end === undefined ? this.length : end);
        const count = Math.max(0, Math.min(part.length, target.length - (targetStart || 0)));
        for (let i = 0; i < count; i++) target[(targetStart || 0) + i] = part[i];
        return count;
      }
      fill(value, start, end, encoding) {
        const bytes = typeof value === 'string' ? encode(value, encoding) : typeof value === 'number' ? [value & 255] : value;
        const stop = end === undefined ? this.length : end;
        for (let i = start || 0, k = 0; i < stop && bytes.length > 0; i++, k++) this[i] = bytes[k % bytes.length];
        return this;
      }
      indexOf(value, from, encoding) {
        const bytes = typeof value === 'string' ? encode(value, encoding) : typeof value === 'number' ? [value & 255] : value;
        for (let i = from || 0; i + bytes.length <= this.length; i++) {
          let k = 0;
          while (k < bytes.length && this[i + k] === bytes[k]) k++;
          if (k === bytes.length) return i;
        }
        return -1;
      }
      includes(value, from, encoding) { return this.indexOf(value, from, encoding) >= 0; }
      slice(start, end) { return this.subarray(start, end); }
      toJSON() {
        const data = [];
        for (let i = 0; i < this.length; i++) data[i] = this[i];
        return { type: 'Buffer', data };
      }
      toString(encoding, start, end) { return decode(start === undefined && end === undefined ? this : this.subarray(start, end), encoding); }
      write(string, offset, length, encoding) {
        if (typeof offset === 'string') { encoding = offset; offset = 0; length = undefined; }
        else if (typeof length === 'string') { encoding = length; length = undefined; }
        const bytes = encode(text(string), encoding), at = offset || 0;
        const count = Math.min(bytes.length, this.length - at, length === undefined ? Infinity : length);
        for (let i = 0; i < count; i++) this[at + i] = bytes[i];
        return count;
      }
    }
    const checkSize = (size) => {
      if (typeof size !== 'number' || !(size >= 0)) throw new TypeError('invalid Buffer size');
      return size;
    };
    const fill = (bytes) => {
      const out = new Buffer(bytes.length);
      for (let i = 0; i < bytes.length; i++) out[i] = bytes[i];
      return out;
    };
    const order = (a, b) => {
      for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
      return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
    };
    const numbers = [['Int8', 1], ['UInt8', 1], ['Int16', 2], ['UInt16', 2], ['Int32', 4], ['UInt32', 4], ['Float', 4, 'Float32'], ['Double', 8, 'Float64']];
    for (const [name, size, native] of numbers) {
      const read = DataView.prototype['get' + (native || name.replace('UInt', 'Uint'))];
      const write = DataView.prototype['set' + (native || name.replace('UInt', 'Uint'))];
      for (const end of size === 1 ? [''] : ['LE', 'BE']) {
        define(Buffer.prototype, 'read' + name + end, function (offset) { return apply(read, view(this), [offset || 0, end === 'LE']); });
        define(Buffer.prototype, 'write' + name + end, function (value, offset) {
          apply(write, view(this), [offset || 0, value, end === 'LE']);
          return (offset || 0) + size;
        });
      }
    }
    return Buffer;
  }
