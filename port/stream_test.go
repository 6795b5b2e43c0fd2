package port

import (
	"context"
	"errors"
	"testing"
)

func TestWaitFindsRecordsInOrder(t *testing.T) {
	s := NewStream()
	s.Append(Record{Kind: RecordEvent, Name: "a"})
	s.Append(Record{Kind: RecordEvent, Name: "b"})
	_, next, err := s.Wait(context.Background(), 0, EventNamed("b"))
	if err != nil || next != 2 {
		t.Fatalf("next %d, %v", next, err)
	}
	go s.Append(Record{Kind: RecordEvent, Name: "b"})
	if _, next, err = s.Wait(context.Background(), next, EventNamed("b")); err != nil || next != 3 {
		t.Fatalf("next %d, %v", next, err)
	}
}

// A condition may ask the port, whose answer is appended meanwhile.
func TestMatchMayAppend(t *testing.T) {
	s := NewStream()
	s.Append(Record{Kind: RecordEvent, Name: "a"})
	asked := false
	_, next, err := s.Wait(context.Background(), 0, func(r Record) bool {
		if !asked {
			asked = true
			s.Append(Record{Kind: RecordAnswer, Name: "getConversationList"})
		}
		return r.Kind == RecordAnswer
	})
	if err != nil || next != 2 {
		t.Fatalf("next %d, %v", next, err)
	}
}

func TestWaitEndsWithContextAndClose(t *testing.T) {
	s := NewStream()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := s.Wait(ctx, 5, EventNamed("x")); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	over := errors.New("over")
	s.Close(over)
	s.Append(Record{Name: "late"})
	if _, _, err := s.Wait(context.Background(), 0, func(Record) bool { return true }); !errors.Is(err, over) {
		t.Fatal(err)
	}
}
