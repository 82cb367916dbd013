// Package tri is three-valued logic: the arithmetic behind "we do not know".
//
// Evidence can be missing, so every evaluator in cfdoctor (resource policies, web ACLs, stages) answers
// yes, no or unknown. The operators are Kleene's: unknown spreads unless the other side decides alone.
package tri

// Bool is yes, no or unknown. The zero value is Unknown on purpose: what nobody set was never learned.
type Bool uint8

// The three values.
const (
	Unknown Bool = iota
	False
	True
)

// Of lifts a two-valued answer.
func Of(b bool) Bool {
	if b {
		return True
	}
	return False
}

// Known reports whether b is True or False.
func (b Bool) Known() bool { return b != Unknown }

// Yes reports whether b is certainly true.
func (b Bool) Yes() bool { return b == True }

// No reports whether b is certainly false.
func (b Bool) No() bool { return b == False }

// Not swaps True and False and keeps Unknown.
func (b Bool) Not() Bool {
	switch b {
	case True:
		return False
	case False:
		return True
	}
	return Unknown
}

// And is False when any operand is False, else Unknown when any is Unknown, else True.
// With no operands it is True.
func And(bs ...Bool) Bool {
	out := True
	for _, b := range bs {
		if b == False {
			return False
		}
		if b == Unknown {
			out = Unknown
		}
	}
	return out
}

// Or is True when any operand is True, else Unknown when any is Unknown, else False.
// With no operands it is False.
func Or(bs ...Bool) Bool {
	out := False
	for _, b := range bs {
		if b == True {
			return True
		}
		if b == Unknown {
			out = Unknown
		}
	}
	return out
}

// String names the value for messages and test output.
func (b Bool) String() string {
	switch b {
	case True:
		return "yes"
	case False:
		return "no"
	}
	return "unknown"
}
