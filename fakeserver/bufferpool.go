package fakeserver

import "sync"

// bufferPool lends gorilla its write buffers.
type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) Get() any  { return p.pool.Get() }
func (p *bufferPool) Put(v any) { p.pool.Put(v) }
