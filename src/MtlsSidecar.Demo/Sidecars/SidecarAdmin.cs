namespace MtlsSidecar.Demo.Sidecars;

/// <summary>What a sidecar tells its operator, and the commands that it takes.</summary>
internal sealed class SidecarAdmin(Uri address)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    public Uri Address => address;

    /// <summary>The answer of a sidecar that is ready to serve; null while it is not, or while nobody listens.</summary>
    public static async Task<string?> ReadProbeAsync(Uri probes, CancellationToken cancellationToken)
    {
        try
        {
            return await Client.GetStringAsync(new Uri(probes, "/healthz/ready"), cancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>How it is.</summary>
    public async Task<SidecarStatus> ReadStatusAsync(CancellationToken cancellationToken)
        => (await Client.GetFromJsonAsync<SidecarStatus>(new Uri(address, "/status"), cancellationToken))!;

    /// <summary>Waits for a refusal with this reason: of the certificate with this serial number or, for a peer without one, later than this time.</summary>
    public Task<Refusal> WaitForRefusalAsync(string reason, string? serial, DateTimeOffset since, CancellationToken cancellationToken)
        => Patience.UntilAsync(
            $"a refusal with reason {reason}",
            async () => (await ReadStatusAsync(cancellationToken)).LastRefusals
                .FirstOrDefault(refusal => refusal.Reason == reason && refusal.Serial == serial && refusal.Time >= since),
            cancellationToken);

    /// <summary>Lets it read its files again and renew its certificate; false if anything failed.</summary>
    public async Task<bool> ReloadAsync(CancellationToken cancellationToken)
    {
        using var response = await Client.PostAsync(new Uri(address, "/reload"), content: null, cancellationToken);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Asks it to finish its work and end.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        using var response = await Client.PostAsync(new Uri(address, "/drain"), content: null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
