package clientport

import (
	"context"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/client"
)

// common reads what all create… methods take.
func common[P any](i *Instance, v gjson.Result, p P) client.MessageOptions[P] {
	o := client.MessageOptions[P]{
		To: v.Get("to").String(), ConversationType: v.Get("conversationType").String(), Payload: p,
		CloudCustomData: v.Get("cloudCustomData").String(),
	}
	if priority := v.Get("priority"); priority.Type == gjson.String || priority.Type == gjson.Number {
		o.Priority = priority.String()
	}
	if fn := v.Get(`onProgress.\$fn`); fn.Exists() {
		o.OnProgress = func(percent float64) { i.callback(fn.String(), percent) }
	}
	return o
}

func creating[P any](f func(*client.Client, client.MessageOptions[P]) (*client.Message, error)) func(context.Context, *Instance, arguments) (any, error) {
	return func(_ context.Context, i *Instance, a arguments) (any, error) {
		var p P
		if err := decode(a.at(0).Get("payload"), &p); err != nil {
			return nil, err
		}
		return value(f(i.client, common(i, a.at(0), p)))
	}
}

func creatingMedia(f func(*client.Client, client.MediaMessageOptions) (*client.Message, error)) func(context.Context, *Instance, arguments) (any, error) {
	return func(_ context.Context, i *Instance, a arguments) (any, error) {
		var p client.MediaContent
		if v := a.at(0).Get("payload.file"); v.IsObject() {
			f, err := file(v)
			if err != nil {
				return nil, err
			}
			p.File = f
		}
		m, err := f(i.client, common(i, a.at(0), p))
		if err != nil || m == nil { // undefined, in the case of audio
			return nil, err
		}
		return m, nil
	}
}

func createMerger(_ context.Context, i *Instance, a arguments) (any, error) {
	v := a.at(0).Get("payload")
	list, err := i.messageArgs(v.Get("messageList"))
	if err != nil {
		return nil, err
	}
	p := client.MergerContent{
		MessageList: list, Title: v.Get("title").String(), CompatibleText: v.Get("compatibleText").String(),
	}
	for _, s := range v.Get("abstractList").Array() {
		p.AbstractList = append(p.AbstractList, s.String())
	}
	return value(i.client.CreateMergerMessage(common(i, a.at(0), p)))
}

func createForward(_ context.Context, i *Instance, a arguments) (any, error) {
	m, err := i.messageArg(a.at(0).Get("payload"))
	if err != nil {
		return nil, err
	}
	return value(i.client.CreateForwardMessage(common(i, a.at(0), m)))
}

// handed is the argument of an event handler: {name, data}.
type handed struct{ client.Event }
