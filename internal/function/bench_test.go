package function

import (
	"context"
	"testing"
)

func BenchmarkRewrite1(b *testing.B) {
	p := compile(b, Runtime1, `function handler(event) {
  var request = event.request;
  if (request.uri.endsWith('/')) { request.uri += 'index.html'; }
  else if (!request.uri.includes('.')) { request.uri += '/index.html'; }
  return request;
}`, nil)
	benchmark(b, p, RequestReturned)
}

func BenchmarkStore2(b *testing.B) {
	p := compile(b, Runtime2, `import cf from 'cloudfront';
const kvs = cf.kvs('abc');
async function handler(event) {
  const request = event.request;
  try { request.uri = await kvs.get(request.uri.split('/')[1]); } catch (e) { console.log('none ' + e); }
  return request;
}`, &Store{Items: map[string]string{"docs": "/manual/index.html"}, Complete: true})
	benchmark(b, p, RequestReturned)
}

func BenchmarkAlone2(b *testing.B) {
	p := compile(b, Runtime2, `String.prototype.shout = function () { return this + '!'; };
function handler(event) { event.request.uri = event.request.uri.shout(); return event.request; }`, nil)
	benchmark(b, p, RequestReturned)
}

func benchmark(b *testing.B, p *Program, want Kind) {
	ev := viewerRequest("/docs/a?x=1&y=2", "user-agent", "curl/8", "accept", "*/*", "cookie", "a=1; b=2")
	b.ReportAllocs()
	runs := 0
	for b.Loop() {
		runs++
		if res := p.Run(context.Background(), ev); res.Kind != want {
			b.Fatalf("%+v", res)
		}
	}
	b.ReportMetric(float64(runs)/b.Elapsed().Seconds(), "runs/s")
}
