// Which addresses a text may hold. The server judges again.

const hidden = /[\u0000-\u0020"<>`\\\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufffc\ufffd]/u;

// href returns what was typed or pasted as an address that a link may have:
// http, https, a mail address or a path of ours; "" when it is none of them.
export function href(text) {
  let s = text.trim().replace(/[\t\r\n]/g, "").replaceAll(" ", "%20");
  if (s.length > 2048 || hidden.test(s)) return "";
  if (/^\/(?!\/)/.test(s)) return s;
  if (/^mailto:/i.test(s)) {
    s = "mailto:" + s.slice(7).split("?")[0];
    return /^mailto:[^@:/]+@[^@:/]+$/.test(s) ? s : "";
  }
  return web(s);
}

// web is href for http and https only, without a user in it.
function web(s) {
  if (!/^https?:\/\//i.test(s)) return "";
  try {
    const u = new URL(s);
    if (u.username || u.password || !u.hostname) return "";
    // The browser adds a slash to a bare host; what people see stays as they wrote it.
    return u.pathname === "/" && !u.search && !u.hash && !s.endsWith("/") ? u.href.slice(0, -1) : u.href;
  } catch {
    return "";
  }
}

// typed is href for what people type: "paper.example/a" and "ida@paper.example"
// are meant as addresses too.
export function typed(text) {
  const s = text.trim();
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(s)) return href("mailto:" + s);
  if (/^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.\p{L}{2,}(:\d+)?([/?#]\S*)?$/u.test(s)) return href("https://" + s);
  return href(s);
}

// bare returns the address when text is one and nothing else.
export function bare(text) {
  const s = text.trim();
  return /^(https?:\/\/|mailto:)\S+$/i.test(s) ? href(s) : "";
}

// embeddable returns an address that may be embedded: https only.
export function embeddable(text) {
  const s = typed(text);
  return s.startsWith("https://") ? s : "";
}

const videos = /(^|\.)(youtube\.com|youtu\.be|youtube-nocookie\.com|vimeo\.com|dailymotion\.com|dai\.ly|tiktok\.com|twitch\.tv|nicovideo\.jp)$/;

// video reports whether an address shows a film.
export function video(address) {
  if (!address.startsWith("https://")) return false;
  const u = new URL(address);
  return u.pathname.length > 1 && (videos.test(u.hostname) || /\.(mp4|webm|m3u8)$/i.test(u.pathname));
}

// host is the name of the site that an address points at.
export function host(address) {
  try {
    return new URL(address).hostname.replace(/^www\./, "");
  } catch {
    return "";
  }
}
