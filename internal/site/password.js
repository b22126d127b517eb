// A password that is being chosen can be looked at, and says how good it is.

for (const input of document.querySelectorAll('input[autocomplete="new-password"]')) {
  input.addEventListener("input", () => {
    input.closest(".field").classList.toggle("enough", [...input.value].length >= 12);
  });
}
