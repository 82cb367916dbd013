package edge

import (
	"net/netip"
	"runtime"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/request"
)

// predicted measures how many requests a model predicts in a second on one core, and how much memory a million of them would leave behind.
func predicted(b *testing.B, m *Model, requests []request.Request, want int) {
	for _, r := range requests {
		if got := m.Predict(r); got.Status != want {
			b.Fatalf("%s is predicted to give %d, want %d", r.Path, got.Status, want)
		}
	}
	before := heap()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Predict(requests[i%len(requests)])
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "req/s")
	b.ReportMetric(max(0, float64(heap())-float64(before))/float64(i), "kept-B/req")
}

// heap is what is reachable, in bytes.
func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// browsing is a visit to pages below several of the distribution's behaviors.
func browsing(paths ...string) []request.Request {
	var out []request.Request
	for _, path := range paths {
		r := request.New(testAlias, path)
		r.ClientIP, r.Country = netip.MustParseAddr("192.0.2.1"), "DE"
		out = append(out, r)
	}
	return out
}

func BenchmarkPredict25Behaviors20Rules(b *testing.B) {
	predicted(b, largeWorld().model(b), browsing("/section1/a.jpg", "/section12/b.jpg", "/section20/picture.jpg", "/page.html", "/section23/c.jpg?w=100"), 200)
}

// typicalFunction does what most functions do: it finds the folder's document, and sends one host to another.
const typicalFunction = `
const canonical = 'www.example.com';
const renamed = { '/old.html': '/new.html', '/start': '/' };
function redirect(to) {
  return { statusCode: 301, statusDescription: 'Moved Permanently', headers: { location: { value: to } } };
}
function handler(event) {
  var request = event.request;
  var host = request.headers.host ? request.headers.host.value : '';
  if (host !== canonical) { return redirect('https://' + canonical + request.uri); }
  if (renamed[request.uri]) { return redirect(renamed[request.uri]); }
  if (request.uri.endsWith('/')) { request.uri += 'index.html'; }
  else if (!request.uri.includes('.')) { request.uri += '/index.html'; }
  return request;
}`

func BenchmarkPredictWithFunction(b *testing.B) {
	w := largeWorld()
	w.function(typicalFunction)
	for i := range w.config.CacheBehaviors.Items {
		w.config.CacheBehaviors.Items[i].FunctionAssociations = w.config.DefaultCacheBehavior.FunctionAssociations
	}
	predicted(b, w.model(b), browsing("/docs/", "/section12/b.jpg", "/about", "/page.html"), 200)
}

// A prediction at an S3 origin weighs the bucket's policy.
func BenchmarkPredictBucket(b *testing.B) {
	w := newBucketWorld()
	w.config.Aliases = &types.Aliases{}
	r := w.req
	r.ClientIP, r.Country = netip.MustParseAddr("192.0.2.1"), "DE"
	predicted(b, w.model(b), []request.Request{r}, 200)
}
