import { useEffect, useRef } from "react";
import { Outlet, ScrollRestoration, useLocation } from "react-router";
import { useText } from "../i18n/I18n";
import { DropZone } from "../upload/DropZone";
import { UploadTray } from "../upload/UploadTray";
import { ConnectionBanner } from "./ConnectionBanner";
import styles from "./Shell.module.css";
import { TopBar } from "./TopBar";

/** What stands around every page. */
export function Shell() {
  const { text } = useText();
  const main = useRef<HTMLElement>(null);
  useFocusOnNavigation(main);
  return (
    <>
      <a className={styles.skip} href="#content">
        {text.skip}
      </a>
      <TopBar />
      <ConnectionBanner />
      <main id="content" ref={main} tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <UploadTray />
      <DropZone />
      <ScrollRestoration />
    </>
  );
}

/** A new page takes the focus, so that a screen reader starts at its top; a changed query does not. */
function useFocusOnNavigation(main: React.RefObject<HTMLElement | null>) {
  const { pathname } = useLocation();
  const previous = useRef(pathname);
  useEffect(() => {
    if (previous.current !== pathname) main.current?.focus({ preventScroll: true });
    previous.current = pathname;
  }, [pathname, main]);
}
