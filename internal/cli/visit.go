package cli

import (
	"context"
	"time"

	"cfdoctor/internal/doctor"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/source"
	"cfdoctor/internal/ui"
)

// visit is one diagnosis about to be made: the open door to the account, the probes beside it where they are allowed, and its clock.
type visit struct {
	account source.Source // the account's door alone, which has notes of its own
	src     source.Source // what the diagnosis reads
	now     time.Time
	contact func(*edge.Model, []string) // nil where nothing is contacted
	streams *ui.Streams
}

// openVisit opens the doors that the flags name. Close the visit after use.
func openVisit(ctx context.Context, streams *ui.Streams, door *sourceFlags, active *activeFlags) (*visit, error) {
	account, now, err := door.open(ctx)
	if err != nil {
		return nil, err
	}
	src, contact, err := active.beside(streams, account)
	if err != nil {
		account.Close()
		return nil, err
	}
	return &visit{account: account, src: src, now: now, contact: contact, streams: streams}, nil
}

func (v *visit) Close() error { return v.src.Close() }

// diagnose asks one question, with progress on the terminal, and tells what the door would not do.
func (v *visit) diagnose(ctx context.Context, d *doctor.Doctor, q doctor.Question) (*doctor.Case, error) {
	progress := v.streams.NewProgress()
	d.Version, d.Observer = Version(), observer(progress, v.contact)
	c, err := d.Diagnose(ctx, v.src, v.now, q)
	progress.Done()
	sayRefused(ctx, v.streams, v.account)
	return c, err
}
