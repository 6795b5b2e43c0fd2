// tim-js-sdk 2.14.0 dials fixed addresses and makes every link https://. Load
// this before the SDK, with the backend's address in window.IMSIM_URL.
(() => {
  const imsim = new URL(window.IMSIM_URL);
  const { WebSocket } = window;
  window.WebSocket = class extends WebSocket {
    constructor(url) { const u = new URL(url); super(imsim.origin + u.pathname + u.search); }
  };
  window.imsimLink = url => url.replace(`https://${imsim.host}/`, `http://${imsim.host}/`);
  const src = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src');
  Object.defineProperty(HTMLImageElement.prototype, 'src', { ...src, set(url) { src.set.call(this, window.imsimLink(url)); } });
})();
