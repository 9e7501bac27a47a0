namespace MtlsSidecar.Demo.Output;

/// <summary>Who listens where.</summary>
internal static class Picture
{
    private const int ColumnWidth = 34;

    /// <summary>Draws both services, each with its sidecar below it and mutual TLS between the two.</summary>
    public static void Draw(Screen screen, Stage stage)
    {
        var (orders, users) = (stage.Orders, stage.Users);
        screen.Heading("Two services that speak plain HTTP, and between their sidecars mutual TLS:");
        screen.Line();
        Row("service orders (JSON, REST)", "service users (SOAP)");
        Row($"  {Short(orders.Service.Address)}", $"  {Short(users.Service.Address)}");
        Row("   |  ^", "   |  ^");
        Row("   v  |  plain HTTP, loopback", "   v  |  plain HTTP, loopback");
        Row($"sidecar orders, process {orders.Sidecar.Id}", $"sidecar users, process {users.Sidecar.Id}", "<== mutual TLS ==>");
        Row($"  in     {Short(orders.Sidecar.Inbound)}", $"  in     {Short(users.Sidecar.Inbound)}");
        Row($"  out    {Short(orders.Sidecar.Outbound)}", $"  out    {Short(users.Sidecar.Outbound)}");
        Row($"  admin  {Short(orders.Sidecar.Admin.Address)}", $"  admin  {Short(users.Sidecar.Admin.Address)}");
        screen.Line();

        void Row(string left, string right, string between = "") => screen.Line($"  {left,-ColumnWidth}{between,-20}{right}");
    }

    private static string Short(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
