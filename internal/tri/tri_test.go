package tri

import "testing"

var all = []Bool{Unknown, False, True}

func TestDeMorgan(t *testing.T) {
	for _, a := range all {
		for _, b := range all {
			if got, want := And(a, b).Not(), Or(a.Not(), b.Not()); got != want {
				t.Errorf("not(%v and %v) = %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestUnknownSpreadsUnlessDecided(t *testing.T) {
	for _, tc := range []struct{ got, want Bool }{
		{And(True, Unknown), Unknown},
		{And(False, Unknown), False},
		{Or(True, Unknown), True},
		{Or(False, Unknown), Unknown},
		{And(), True},
		{Or(), False},
	} {
		if tc.got != tc.want {
			t.Errorf("got %v, want %v", tc.got, tc.want)
		}
	}
}
