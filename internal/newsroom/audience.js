// The board of what is read is followed; what has the focus stays until it has not.

follow(5000, (part, next) => {
  if (part.contains(document.activeElement)) return;
  const open = part.querySelector("details")?.open;
  part.replaceWith(next);
  if (open) next.querySelector("details").open = true;
});
