import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { createBrowserRouter, RouterProvider } from "react-router";
import { makeQueryClient } from "../api/queries";
import { CallPage } from "../call/CallPage";
import { CallsPage } from "../calls/CallsPage";
import { EventsProvider } from "../events/EventsProvider";
import { I18nProvider } from "../i18n/I18n";
import { OverviewPage } from "../overview/OverviewPage";
import { ThemeProvider } from "../theme/Theme";
import { UploadsProvider } from "../upload/Uploads";
import { Announcer } from "./Announcer";
import { Crashed } from "./Crashed";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const router = createBrowserRouter([
  {
    element: <Shell />,
    children: [
      {
        errorElement: <Crashed />,
        children: [
          { path: "/", element: <CallsPage /> },
          { path: "/calls/:id", element: <CallPage /> },
          { path: "/overview", element: <OverviewPage /> },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);

export function App() {
  const [client] = useState(makeQueryClient);
  return (
    <ThemeProvider>
      <I18nProvider>
        <QueryClientProvider client={client}>
          <Announcer>
            <EventsProvider>
              <UploadsProvider>
                <RouterProvider router={router} />
              </UploadsProvider>
            </EventsProvider>
          </Announcer>
        </QueryClientProvider>
      </I18nProvider>
    </ThemeProvider>
  );
}
