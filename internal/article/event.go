package article

// Appeared says that readers can have an article which they could not have
// before, or can have it again.
type Appeared struct{ ID string }

// Changed says that an article which readers may have is not what it was.
type Changed struct{ ID string }

// Vanished says that readers must not have an article any more: it was
// withdrawn or its licence has ended.
type Vanished struct{ ID string }

// EventKind and EventSubject make them facts (package event).
func (Appeared) EventKind() string { return "article.appeared" }
func (Changed) EventKind() string  { return "article.changed" }
func (Vanished) EventKind() string { return "article.vanished" }

func (e Appeared) EventSubject() string { return e.ID }
func (e Changed) EventSubject() string  { return e.ID }
func (e Vanished) EventSubject() string { return e.ID }
