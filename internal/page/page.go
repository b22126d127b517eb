// Package page makes pages: it routes a request to its page, renders the page
// once, keeps it compressed, and sends it to everybody until something that it
// shows changes.
//
// A public page cannot see who asks for it (Handler), so what is in the cache
// is the same for all readers. Pages carry tags, such as "article:01J…"; an
// event purges tags. What was purged is never served again.
package page
