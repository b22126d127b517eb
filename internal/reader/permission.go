package reader

import "slices"

// A Role says what somebody may do.
type Role string

const (
	Member      Role = "reader"
	Contributor Role = "contributor" // writes drafts
	Editor      Role = "editor"
	Moderator   Role = "moderator"
	Publisher   Role = "publisher" // settings and people
)

// Roles lists the roles from the least to the greatest.
func Roles() []Role { return []Role{Member, Contributor, Moderator, Editor, Publisher} }

func (r Role) known() bool { return slices.Contains(Roles(), r) }

// Staff reports whether somebody with this role works for the paper. They need
// a second factor, and their sessions are short.
func (r Role) Staff() bool { return r != Member }

// A Permission is something that a route lets somebody do. Every route names
// one; only this package can make one, so that a route without does not compile.
type Permission struct{ name string }

// String is the permission's name, for tables and logs.
func (p Permission) String() string { return p.name }

// The permissions, and who has them. What is not in the table, nobody has.
var (
	MayManageSelf = Permission{"manage own account"}
	MayComment    = Permission{"comment"}
	MayWrite      = Permission{"write drafts"}
	MayEdit       = Permission{"edit and publish"}
	MayModerate   = Permission{"moderate"}
	MayManage     = Permission{"manage people and settings"}
	MayEnter      = Permission{"enter the newsroom"}
)

var granted = map[Permission][]Role{
	MayManageSelf: {Member, Contributor, Moderator, Editor, Publisher},
	MayComment:    {Member, Contributor, Moderator, Editor, Publisher},
	MayWrite:      {Contributor, Editor, Publisher},
	MayEdit:       {Editor, Publisher},
	MayModerate:   {Moderator, Publisher},
	MayManage:     {Publisher},
	MayEnter:      {Contributor, Moderator, Editor, Publisher},
}

// May reports whether somebody with this role may do p.
func (r Role) May(p Permission) bool { return slices.Contains(granted[p], r) }

// Permissions lists all permissions, for the test that holds every route
// against every role.
func Permissions() []Permission {
	return []Permission{MayManageSelf, MayComment, MayWrite, MayEdit, MayModerate, MayManage, MayEnter}
}
