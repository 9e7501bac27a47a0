using MtlsSidecar.Demo.Pki;
using MtlsSidecar.Demo.Services;

namespace MtlsSidecar.Demo.Output;

/// <summary>What can be tried by hand while the demo stays up: lines to copy.</summary>
internal static class Invitation
{
    /// <summary>Prints the lines.</summary>
    public static async Task PrintAsync(Screen screen, Stage stage)
    {
        var soapFile = Path.Combine(stage.Directory, "get-user.xml");
        await File.WriteAllTextAsync(soapFile, UsersService.GetUserRequest);
        var direct = $"--noproxy \"*\" --cacert {stage.Authority.BundleFile}";
        var order = new Uri(stage.Orders.Sidecar.Inbound, OrdersService.AnOrder);

        screen.Line();
        screen.Heading("Try it; all of this stays up until Ctrl+C.");
        Offer("REST through both sidecars", $"-x {Proxy(stage.Users)} http://orders{OrdersService.AnOrder}");
        Offer("SOAP through both sidecars", $"-x {Proxy(stage.Orders)} -H \"Content-Type: text/xml\" -d @{soapFile} http://users{UsersService.Endpoint}");
        Offer("as web, with mutual TLS of one's own", $"{direct} {Certificate(stage.Web)} {order}");
        Offer("as billing, who is denied", $"{direct} {Certificate(stage.Billing)} {order}");
        Offer("as a stranger, who is refused", $"{direct} {Certificate(stage.Stranger)} {order}");
        Offer("without a certificate", $"{direct} {order}");
        Offer("a stream of events without end", $"-N -x {Proxy(stage.Users)} http://orders{OrdersService.Events}");
        Offer("what sidecar orders tells: refusals, peers, metrics", $"--noproxy \"*\" {stage.Orders.Sidecar.Admin.Address}{{status,peers,metrics}}");

        void Offer(string what, string arguments)
        {
            screen.Line($"  {what}");
            screen.Line($"    curl -sSi {arguments}");
        }
    }

    private static string Proxy(Party caller) => caller.Sidecar.Outbound.GetLeftPart(UriPartial.Authority);

    private static string Certificate(Workload caller) => $"--cert {caller.CertificateFile} --key {caller.KeyFile}";
}
