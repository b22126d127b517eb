// The editor of the newsroom: what the page loads as one file, editor.js.
