package backend

import "slices"

// relations is what an account has to do with others. Friendship is kept by
// each side for itself: alice may have bob in her list while he lacks her.
type relations struct {
	friends roster[*friend]
	// fans are the accounts that have this one in their friend lists: they
	// hear of its profile.
	fans     map[string]*account
	groups   []string // names of friend lists, in the order they were made
	blocked  roster[*blockedUser]
	received roster[*application]
	sent     roster[*application]
	// changes numbers friends and applications as they come.
	changes int64
}

// friend is an entry of a friend list.
type friend struct {
	no      int64 // orders the list; also the place of a page
	user    *account
	remark  string
	groups  []string // in the order of joining them
	source  string
	wording string
	addTime int64
	custom  []profileField
}

func (f *friend) id() string { return f.user.id }

// blockedUser is an entry of a blocklist.
type blockedUser struct {
	UserID string `json:"userID"`
	Time   int64  `json:"time"`
}

func (b *blockedUser) id() string { return b.UserID }

// application is a request for friendship that waits for an answer, as one of
// the two sides keeps it: each can delete it for itself.
type application struct {
	no      int64
	peer    *account
	time    int64
	source  string
	wording string
	read    bool // by its receiver
	// What the applicant wants for its own list if the answer is yes.
	remark, group string
}

func (p *application) id() string { return p.peer.id }

// roster is a list of accounts with something about each, in the order they
// came, found by ID.
type roster[T interface{ id() string }] struct {
	list []T
	byID map[string]T
}

func (r *roster[T]) has(id string) bool { _, ok := r.byID[id]; return ok }

// get returns nil if the account is not listed.
func (r *roster[T]) get(id string) T { return r.byID[id] }

// put adds an entry at the end; the account must not be listed yet.
func (r *roster[T]) put(v T) {
	if r.byID == nil {
		r.byID = map[string]T{}
	}
	r.byID[v.id()] = v
	r.list = append(r.list, v)
}

// drop removes an entry and tells whether there was one.
func (r *roster[T]) drop(id string) bool {
	if !r.has(id) {
		return false
	}
	delete(r.byID, id)
	r.list = slices.DeleteFunc(r.list, func(v T) bool { return v.id() == id })
	return true
}

func (a *account) blocks(id string) bool { return a.relations.blocked.has(id) }

func (r *relations) nextNo() int64 {
	r.changes++
	return r.changes
}

// befriend puts other into owner's list, as of now if f has no time, and tells
// owner. An application of owner to other has its answer with that.
func (w *World) befriend(n *news, owner, other *account, f friend) {
	f.no, f.user = owner.relations.nextNo(), other
	if f.addTime == 0 {
		f.addTime = w.sec()
	}
	owner.relations.friends.put(&f)
	if other.relations.fans == nil {
		other.relations.fans = map[string]*account{}
	}
	other.relations.fans[owner.id] = owner
	w.dropApplication(n, owner, other)
	n.of(owner).added = append(n.of(owner).added, other.id)
}

// unfriend takes other off owner's list, if it is there, and tells owner.
func (w *World) unfriend(n *news, owner, other *account) bool {
	if !owner.relations.friends.drop(other.id) {
		return false
	}
	delete(other.relations.fans, owner.id)
	n.of(owner).deleted = append(n.of(owner).deleted, other.id)
	return true
}

// dropApplication ends the application of one account to another on both
// sides, and tells those who had it.
func (w *World) dropApplication(n *news, from, to *account) {
	if from.relations.sent.drop(to.id) {
		n.of(from).withdrawn(from, to)
	}
	if to.relations.received.drop(from.id) {
		n.of(to).withdrawn(from, from)
	}
}
