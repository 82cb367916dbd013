package probe

import (
	"bytes"
	"encoding/binary"
	"testing"

	"cfdoctor/internal/cloudfront"
)

func record(kind byte, body []byte) []byte {
	return append([]byte{kind, 3, 3}, vector16(body)...)
}

func message(kind byte, body []byte) []byte {
	return append([]byte{kind, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

func serverHello(version, cipher uint16) []byte {
	body := binary.BigEndian.AppendUint16(nil, version)
	body = append(body, make([]byte, 32)...)
	body = append(body, 0)
	body = binary.BigEndian.AppendUint16(body, cipher)
	return message(messageServerHello, append(body, 0))
}

func certificates(list ...string) []byte {
	var body []byte
	for _, c := range list {
		body = append(body, 0, byte(len(c)>>8), byte(len(c)))
		body = append(body, c...)
	}
	return message(messageCertificate, append([]byte{0, byte(len(body) >> 8), byte(len(body))}, body...))
}

// TestFlight reads what servers may say, however they cut it into records.
func TestFlight(t *testing.T) {
	whole := append(append(append(serverHello(0x0303, 0xc030), certificates("first", "second")...), message(messageRequest, []byte{1, 64, 0, 0})...), message(messageDone, nil)...)
	for size := 1; size <= len(whole); size += 7 {
		var wire []byte
		for rest := whole; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			wire = append(wire, record(recordHandshake, rest[:min(size, len(rest))])...)
		}
		f, err := readFlight(bytes.NewReader(wire))
		if err != nil || f.version != 0x0303 || f.cipher != 0xc030 || !f.asksCertificate || len(f.certificates) != 2 || string(f.certificates[1]) != "second" {
			t.Fatalf("in records of %d bytes: %+v, %v", size, f, err)
		}
	}
	f, err := readFlight(bytes.NewReader(append(record(recordAlert, []byte{1, 112}), record(recordAlert, []byte{2, 40})...)))
	if err != nil || !f.alerted || alertName(f.alert) != "handshake_failure" {
		t.Errorf("a warning and an alert: %+v, %v", f, err)
	}
	if f, err := readFlight(bytes.NewReader([]byte("HTTP/1.1 400 Bad Request\r\n"))); err != nil || !f.notTLS || !bytes.HasPrefix(f.beginning, []byte("HTTP/1.1 400")) {
		t.Errorf("plain HTTP: %+v, %v", f, err)
	}
}

// TestCloudFrontOffersWhatIsDocumented: every documented cipher has a number, and no other is offered.
func TestCloudFrontOffersWhatIsDocumented(t *testing.T) {
	side := cloudfront.OriginSide(originProtocols([]string{"TLSv1", "TLSv1.2"}))
	o := cloudFrontOffer(side, "www.example.com")
	if len(o.ciphers) != len(side.Ciphers) || len(o.ciphers) != 16 {
		t.Errorf("%d ciphers are offered of %d", len(o.ciphers), len(side.Ciphers))
	}
	for i, id := range o.ciphers {
		if cipherName(id) != side.Ciphers[i] {
			t.Errorf("%s is offered as %s", side.Ciphers[i], cipherName(id))
		}
	}
	hello := o.clientHello()
	if newest := binary.BigEndian.Uint16(hello[9:]); newest != 0x0303 || !bytes.Contains(hello, []byte("www.example.com")) {
		t.Errorf("the hello asks for version %#x: %x", newest, hello)
	}
	if old := cloudFrontOffer(cloudfront.OriginSide(originProtocols([]string{"SSLv3"})), "x").clientHello(); binary.BigEndian.Uint16(old[1:]) != 0x0300 || bytes.Contains(old, []byte("x\x00")) {
		t.Errorf("SSL 3 has no extensions: %x", old)
	}
}

// FuzzFlight: nothing that a server says makes the reader panic or go on for ever.
func FuzzFlight(f *testing.F) {
	f.Add(record(recordHandshake, serverHello(0x0303, 0xc030)))
	f.Add(record(recordHandshake, certificates("a")))
	f.Add(record(recordAlert, []byte{2, 70}))
	f.Add([]byte("HTTP/1.1 400"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		got, err := readFlight(bytes.NewReader(wire))
		if err == nil && !got.alerted && !got.notTLS && !bytes.Contains(wire, []byte{messageDone, 0, 0, 0}) && len(wire) < 9 {
			t.Errorf("a whole answer was read out of %x", wire)
		}
		total := 0
		for _, c := range got.certificates {
			total += len(c)
		}
		if total > len(wire) {
			t.Errorf("%d bytes of certificates out of %d", total, len(wire))
		}
	})
}

// FuzzParseResolve: what is read names a port that there is and an address.
func FuzzParseResolve(f *testing.F) {
	for _, seed := range []string{"a.example:443:127.0.0.1", "*:80:[::1]", "[::1]:443:::1,127.0.0.1", "a:b:c", "[:0]:1:0.0.0.0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ParseResolve(text)
		if err == nil && (o.Host == "" || o.Port < 1 || o.Port > 65535 || len(o.Addresses) == 0 || !o.Addresses[0].IsValid()) {
			t.Errorf("%q is read as %+v", text, o)
		}
	})
}
