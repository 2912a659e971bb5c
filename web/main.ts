document.querySelector("#page")!.textContent = "Heapscape";
