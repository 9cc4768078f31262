// Runs in the page of `threads board`: shows each look as it comes, and the log that somebody has opened. Served as it is.

const main = document.getElementById("board");
const link = document.getElementById("link");
/** So many lines of a log stay. */
const mostLines = 500;

/** What is open towards the server: the looks, and at most one log. */
let looks;
let log;

function say(text, isLost) {
  if (link.textContent !== text) link.textContent = text;
  link.classList.toggle("lost", isLost);
}

/**
 * Makes one tree as the other, and touches nothing that is the same: so focus, scrolling, what is selected and what was
 * opened stay as they are.
 */
function become(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE || old.hasAttribute("data-kept")) return;
  for (const name of old.getAttributeNames())
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  childrenBecome(old, fresh);
}

function childrenBecome(old, fresh) {
  const [there, wanted] = [[...old.childNodes], [...fresh.childNodes]];
  wanted.forEach((node, index) => {
    if (there[index] === undefined) old.append(node);
    else become(there[index], node);
  });
  there.slice(wanted.length).forEach((node) => node.remove());
}

function shown(text) {
  const fresh = document.createElement("template");
  fresh.innerHTML = text;
  return fresh.content;
}

function look() {
  looks = new EventSource("looks");
  looks.addEventListener("board", ({ data }) => {
    childrenBecome(main, shown(data));
    say("Live.", false);
  });
  looks.addEventListener("error", () => {
    say("threads board has ended, or cannot be reached: what is shown is as it was last seen.", true);
  });
}

function follow(details) {
  const lines = details.querySelector("pre");
  const heard = details.querySelector(".heard");
  // What is missing stays beside all that others say, until it is there again.
  let missing = "";
  const tell = (text) => {
    heard.textContent = missing === "" ? text : `Not all of it could be read: ${missing}`;
    heard.classList.toggle("unread", missing !== "");
  };
  const tellLines = () => tell(lines.textContent === "" ? "Nothing was said yet." : "");
  lines.textContent = "";
  tell("Reading …");
  log = new EventSource(`log?environment=${encodeURIComponent(details.dataset.log)}`);
  log.addEventListener("lines", ({ data }) => {
    const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    if (data !== "") {
      const all = `${lines.textContent}${data}\n`.split("\n");
      lines.textContent = all.slice(-mostLines - 1).join("\n");
    }
    tellLines();
    if (isAtEnd) lines.scrollTop = lines.scrollHeight;
  });
  const tellMissing = (says) => {
    missing = says;
    tellLines();
  };
  log.addEventListener("unread", ({ data }) => tellMissing(data));
  // To be asked again by itself would show all lines a second time.
  log.addEventListener("error", () => {
    log?.close();
    tellMissing("it is no longer followed; close and open it to read it again");
  });
}

function unfollow() {
  log?.close();
  log = undefined;
}

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.dataset.log === undefined) return;
    if (target.open) {
      unfollow();
      follow(target);
    } else if (document.querySelector("details[data-log][open]") === null) unfollow();
  },
  true,
);

// While nobody sees it nothing is asked.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    looks?.close();
    unfollow();
    say("Not looking while this page is out of sight.", false);
    return;
  }
  look();
  const open = document.querySelector("details[data-log][open]");
  if (open !== null) follow(open);
});

if (!document.hidden) look();
