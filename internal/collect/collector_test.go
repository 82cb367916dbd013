package collect

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/source"
)

func TestEachCallIsMadeOnce(t *testing.T) {
	src := newFake(say("s3", "HeadObject", nil, `{"ContentLength":3}`))
	c := New(src, now, Options{})
	var answered atomic.Int32
	var asking sync.WaitGroup
	for i := range 50 {
		asking.Go(func() {
			Then(t.Context(), c, account.Object("b", "k"), func(_ context.Context, fact evidence.Fact[account.ObjectOutput]) {
				if fact.IsKnown() {
					answered.Add(1)
				}
			})
			c.Want(t.Context(), account.Object("b", fmt.Sprint("other", i%5)))
		})
	}
	asking.Wait()
	c.Wait()
	if answered.Load() != 50 {
		t.Errorf("%d of 50 callbacks ran with a value", answered.Load())
	}
	for key, n := range src.asked {
		if n != 1 {
			t.Errorf("%q was asked %d times", key, n)
		}
	}
	if got := c.Stats(); got.Calls != 6 || got.LongestChain != 1 {
		t.Errorf("stats are %+v, want 6 calls in a chain of 1", got)
	}
}

func TestThenCountsChains(t *testing.T) {
	c := New(newFake(say("s3", "HeadObject", nil, `{}`)), now, Options{})
	read := func(key string) evidence.Read[account.ObjectOutput] { return account.Object("b", key) }
	then(t.Context(), c, read("1"), func(ctx context.Context, _ account.ObjectOutput) {
		c.Want(ctx, read("also 2"))
		then(ctx, c, read("2"), func(ctx context.Context, _ account.ObjectOutput) { c.Want(ctx, read("3")) })
	})
	c.Wait()
	if got := c.Stats(); got.LongestChain != 3 || got.Calls != 4 {
		t.Errorf("stats are %+v, want 4 calls in a chain of 3", got)
	}
}

func TestStates(t *testing.T) {
	src := newFake(
		refuse("s3", "GetBucketPolicy", nil, "NoSuchBucketPolicy"),
		refuse("s3", "GetBucketAcl", nil, "AccessDenied"),
		refuse("s3", "HeadBucket", nil, "SlowDown"),
		say("s3", "GetBucketCors", nil, `"not an object"`),
		say("s3", "GetBucketLocation", nil, `{"LocationConstraint":"eu-west-1"}`))
	c := New(src, now, Options{})
	ctx := t.Context()
	for what, state := range map[evidence.State]evidence.State{
		evidence.Absent:      Get(ctx, c, account.BucketPolicy("b")).State(),
		evidence.Denied:      Get(ctx, c, account.BucketACL("b")).State(),
		evidence.Failed:      Get(ctx, c, account.Bucket("b")).State(),
		evidence.Known:       Get(ctx, c, account.BucketLocation("b")).State(),
		evidence.NotCaptured: Get(ctx, c, account.BucketWebsite("b")).State(),
	} {
		if state != what {
			t.Errorf("state is %v, want %v", state, what)
		}
	}
	if state := Get(ctx, c, account.BucketCORS("b")).State(); state != evidence.Failed {
		t.Errorf("an answer that does not decode is %v", state)
	}
	for _, rec := range c.Wait().Records() {
		if rec.State == evidence.NotCaptured {
			t.Errorf("%s is in the world although nothing answered", rec.Call.Name())
		}
	}
}

func TestLimitPerService(t *testing.T) {
	const limit = 3
	src := newFake()
	var mu sync.Mutex
	inFlight, most := map[string]int{}, map[string]int{}
	src.before = func(_ context.Context, call evidence.Call) error {
		mu.Lock()
		inFlight[call.Service]++
		most[call.Service] = max(most[call.Service], inFlight[call.Service])
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		inFlight[call.Service]--
		mu.Unlock()
		return nil
	}
	c := New(src, now, Options{PerService: limit})
	for i := range 100 {
		c.Want(t.Context(), account.Object("b", fmt.Sprint(i)), account.Role(fmt.Sprint(i)))
	}
	c.Wait()
	for service, n := range most {
		if n > limit {
			t.Errorf("%d calls to %s at once, the limit is %d", n, service, limit)
		}
	}
}

// A source that answers one call and hangs on the others, even deaf to its context.
func TestCancelKeepsWhatIsKnown(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		release := make(chan struct{})
		src := newFake(say("s3", "GetBucketLocation", nil, `{"LocationConstraint":""}`))
		src.before = func(ctx context.Context, call evidence.Call) error {
			if call.Operation == "GetBucketLocation" {
				return nil
			}
			if deaf {
				<-release
				return errors.New("too late")
			}
			<-ctx.Done()
			return fmt.Errorf("signal: killed")
		}
		ctx, cancel := context.WithCancel(t.Context())
		c := New(src, now, Options{PerService: 2})
		location := Get(ctx, c, account.BucketLocation("b"))
		ran := make(chan evidence.State, 1)
		Then(ctx, c, account.BucketPolicy("b"), func(_ context.Context, fact evidence.Fact[account.BucketPolicyOutput]) { ran <- fact.State() })
		c.Want(ctx, account.BucketACL("b"), account.BucketCORS("b"), account.BucketWebsite("b")) // two of them wait for the limit
		cancel()
		w := c.Wait()
		close(release)
		if !location.IsKnown() || !account.BucketLocation("b").In(w).IsKnown() {
			t.Error("what was known is lost")
		}
		if state := <-ran; state != evidence.Failed {
			t.Errorf("the callback saw %v, want Failed", state)
		}
		for _, rec := range w.Records() {
			if rec.Call.Operation == "GetBucketLocation" {
				continue
			}
			if rec.State != evidence.Failed || rec.Problem.Code != "Cancelled" {
				t.Errorf("deaf %v: %s is %v (%v), want Failed Cancelled", deaf, rec.Call.Name(), rec.State, rec.Problem)
			}
		}
		if n := len(w.Records()); n != 5 {
			t.Errorf("%d records, want 5", n)
		}
		c.Want(ctx, account.RequestPayment("b"))
		if state := account.RequestPayment("b").In(c.Wait()).State(); state != evidence.Failed {
			t.Errorf("asked after the end: %v, want Failed", state)
		}
	}
}

func TestNothingKeepsRunning(t *testing.T) {
	c := New(load(t, "testdata/everything.json"), now, Options{})
	Distribution(t.Context(), c, everythingID, get("www.shop.example", "/images/a.jpg"))
	c.Wait()
	if stacks := goroutines(); strings.Contains(stacks, "collect.(*Collector)") {
		// A goroutine may still be on its last instruction: look once more after letting all others run.
		for range 1000 {
			runtime.Gosched()
		}
		if stacks = goroutines(); strings.Contains(stacks, "collect.(*Collector)") {
			t.Errorf("goroutines are left:\n%s", stacks)
		}
	}
}

func goroutines() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

func TestObserverSeesEveryCallInOrder(t *testing.T) {
	src := newFake()
	var events []Event
	c := New(src, now, Options{Observe: func(e Event) { events = append(events, e) }})
	for i := range 20 {
		c.Want(t.Context(), account.Object("b", fmt.Sprint(i)))
	}
	c.Wait()
	for i, e := range events {
		if e.Done != i+1 || e.Started < e.Done || e.State != evidence.NotCaptured {
			t.Errorf("event %d is %+v", i, e)
		}
	}
	if len(events) != 20 {
		t.Errorf("%d events, want 20", len(events))
	}
}

func TestAccountOfTheWorld(t *testing.T) {
	src := newFake()
	src.account = "999988887777"
	if got := New(src, now, Options{}).Wait().Account; got != src.account {
		t.Errorf("account is %q, want the source's", got)
	}
	c := New(load(t, "testdata/tenants.json"), now, Options{})
	Distribution(t.Context(), c, "ETENANTS000001", get("", "/"))
	if got := c.Wait().Account; got != "111122223333" {
		t.Errorf("account is %q, want the distribution's", got)
	}
}

var _ source.Source = (*fake)(nil)
