package mcpserver

import (
	"context"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"cfdoctor/internal/doctor"
)

// steps of a diagnosis.
const steps = 8

// progress tells the client how far a diagnosis is, where the client asked to be told. The protocol wants each number to be above the last.
type progress struct {
	ctx     context.Context
	session *mcp.ServerSession
	token   any

	mu    sync.Mutex
	step  float64
	last  float64
	title string
	notes int
}

// everyNote is how many of the reads there are to one notification.
const everyNote = 8

func observe(ctx context.Context, req *mcp.CallToolRequest) doctor.Observer {
	token := req.Params.GetProgressToken()
	if token == nil {
		return doctor.Observer{}
	}
	p := &progress{ctx: ctx, session: req.Session, token: token}
	return doctor.Observer{Step: p.onStep, Note: p.onNote}
}

func (p *progress) onStep(number int, title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.title, p.notes = float64(number), title, 0
	p.send(p.step, title)
}

// onNote moves within a step, ever less: how many reads there will be nobody knows.
func (p *progress) onNote(note string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notes++
	if p.notes%everyNote != 1 {
		return
	}
	p.send(p.step+1-1/(1+float64(p.notes)/everyNote), p.title+": "+note)
}

func (p *progress) send(at float64, message string) {
	if at <= p.last {
		return
	}
	p.last = at
	// A client that cannot be told gets its answer all the same.
	_ = p.session.NotifyProgress(p.ctx, &mcp.ProgressNotificationParams{ProgressToken: p.token, Progress: at, Total: steps, Message: message})
}
