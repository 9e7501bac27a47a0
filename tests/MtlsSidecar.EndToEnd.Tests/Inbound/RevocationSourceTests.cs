using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>Where CRLs come from, and what happens when they are no good: each under both values of <c>UnknownStatus</c>.</summary>
public sealed class RevocationSourceTests : HttpHouse
{
    private CrlServer _server = null!;
    private TcpApplication _hanging = null!;

    public static TheoryData<string, string> BadSources
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var source in new[] { "stale file", "garbage file", "wrong key file", "stale", "garbage", "wrong key", "not found", "dead server", "hanging server", "none" })
            {
                data.Add(source, "Reject");
                data.Add(source, "Accept");
            }

            return data;
        }
    }

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _server = await CrlServer.StartAsync();

        // Its connections come about and are never answered.
        _hanging = new TcpApplication();
        Pki.Directory.Write("root.crl", WorkloadPki.CrlPem(Pki.Root.CreateCrl([])));
    }

    public override async Task DisposeAsync()
    {
        await _hanging.DisposeAsync();
        await _server.DisposeAsync();
        await base.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(BadSources))]
    public async Task CrlThatIsNoGood_LeavesTheDecisionToUnknownStatus(string source, string unknownStatus)
    {
        await using var sidecar = await StartOrdersAsync(settings => Configure(settings.Set("Validation:UnknownStatus", unknownStatus), source));

        if (unknownStatus == "Accept")
        {
            (await StatusAsync(sidecar, Pki.Web)).Should().Be(HttpStatusCode.OK);
        }
        else
        {
            (await StatusAsync(sidecar, Pki.Web)).Should().BeNull();
            (await sidecar.Log.WaitForRefusalAsync("RevocationUnknown")).Level.Should().Be("Warning");
            Application.BytesReceived.Should().Be(0);
        }
    }

    [Theory]
    [InlineData("stale file", "CrlUnusable", "stale since")]
    [InlineData("wrong key file", "CrlUnusable", "none of the keys")]
    [InlineData("garbage file", "CrlRefused", "CRL")]
    [InlineData("wrong key", "CrlUnusable", "none of the keys")]
    public async Task CrlThatIsNoGood_IsLoudAndShowsInTheStatusUntilItIsReplaced(string source, string logged, string message)
    {
        await using var sidecar = await StartOrdersAsync(settings => Configure(settings, source));

        var line = await sidecar.Log.WaitForEventAsync(logged);
        line.Level.Should().Be("Error");
        line["Reason"].Should().Contain(message);
        await Eventually.HoldsAsync(async () => await LastErrorsAsync(sidecar) is [{ } error] && error.Contains(message), "the error shows");

        if (source.EndsWith(" file", StringComparison.Ordinal))
        {
            TestKit.Files.AtomicRename.Write(Pki.Directory["bad.crl"], WorkloadPki.CrlPem(Pki.IssuingCrl()));
            await Eventually.HoldsAsync(async () => await StatusAsync(sidecar, Pki.Web) == HttpStatusCode.OK, "the good file counts");
            await Eventually.HoldsAsync(async () => await LastErrorsAsync(sidecar) is [], "the error is gone");
        }
    }

    [Fact]
    public async Task CrlThatBecomesStale_IsLoudAndShowsInTheStatus()
    {
        var file = Pki.Directory.Write("brief.crl", WorkloadPki.CrlPem(Pki.IssuingCrl(DateTimeOffset.UtcNow.AddSeconds(4))));
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Crl:Files", new[] { Pki.Directory["root.crl"], file }));
        (await LastErrorsAsync(sidecar)).Should().BeEmpty();

        (await sidecar.Log.WaitForEventAsync("CrlUnusable"))["Source"].Should().Be(file);

        (await LastErrorsAsync(sidecar)).Should().ContainSingle().Which.Should().Contain("stale since");
    }

    [Fact]
    public async Task CrlFetchedFromAUrl_RefusesTheRevokedAndNobodyElse()
    {
        var revoked = Pki.Issue("revoked", WorkloadPki.ForWorkload("web"));
        Pki.Revoke(revoked);
        var url = _server.Serve("issuing.crl", Pki.IssuingCrl());
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Crl:Urls", new[] { url }));

        (await StatusAsync(sidecar, Pki.Web)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(sidecar, revoked)).Should().BeNull();
        await sidecar.Log.WaitForRefusalAsync("Revoked");
    }

    [Fact]
    public async Task CrlAtADistributionPoint_IsFollowedOnceThePathHolds()
    {
        var url = $"{_server.Address}/issuing.crl";
        var good = Pki.Issue("good", WorkloadPki.ForWorkload("web") with { CrlUrl = url });
        var revoked = Pki.Issue("revoked", WorkloadPki.ForWorkload("web") with { CrlUrl = url });
        var foreign = Pki.Issue("foreign", WorkloadPki.ForWorkload("web") with { CrlUrl = url }, Pki.ForeignIssuing);
        Pki.Revoke(revoked);
        _server.Serve("issuing.crl", Pki.IssuingCrl());
        await using var sidecar = await StartOrdersAsync();

        (await StatusAsync(sidecar, foreign)).Should().BeNull();
        _server.Requests.Should().Be(0, "an untrusted certificate must not make us fetch anything");

        (await StatusAsync(sidecar, good)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(sidecar, revoked)).Should().BeNull();
        await sidecar.Log.WaitForRefusalAsync("Revoked");
    }

    [Fact]
    public async Task NewerCrlAtTheUrl_IsPolledAndAnOlderOneNeverReplacesIt()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        var older = Pki.IssuingCrl();
        var url = _server.Serve("issuing.crl", older);
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Crl:Urls", new[] { url }).Set("Validation:Crl:RefreshInterval", "00:00:01"));
        (await StatusAsync(sidecar, peer)).Should().Be(HttpStatusCode.OK);

        Pki.Revoke(peer);
        _server.Serve("issuing.crl", Pki.IssuingCrl());
        await Eventually.HoldsAsync(async () => await StatusAsync(sidecar, peer) is null, "the polled CRL refuses the peer");

        _server.Serve("issuing.crl", older);
        var polls = _server.Requests;
        await Eventually.HoldsAsync(() => _server.Requests > polls + 1, "the older CRL was polled");
        (await StatusAsync(sidecar, peer)).Should().BeNull();
    }

    [Fact]
    public async Task OlderCrlFileAfterARestart_IsNotBelievedUntilTheOperatorSaysSo()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        var older = await File.ReadAllTextAsync(Pki.CrlFile);
        Pki.Revoke(peer);
        var cache = Path.Combine(Path.GetDirectoryName(Pki.CrlFile)!, "cache");
        async Task<HttpStatusCode?> AskAsync()
        {
            await using var sidecar = await StartOrdersAsync(settings => settings
                .Set("Validation:Crl:Files", new[] { Pki.CrlFile }).Set("Validation:Crl:CacheDirectory", cache));
            var status = await StatusAsync(sidecar, peer);

            // Written behind the handshake's back; the daemon is killed next.
            await Eventually.HoldsAsync(() => File.Exists(Path.Combine(cache, "newest-crls")), "the newest CRL is on record");
            return status;
        }

        (await AskAsync()).Should().BeNull("it is revoked");

        TestKit.Files.AtomicRename.Write(Pki.CrlFile, older);
        (await AskAsync()).Should().BeNull("a CRL from before the revocation was put back");

        File.Delete(Path.Combine(cache, "newest-crls"));
        (await AskAsync()).Should().Be(HttpStatusCode.OK, "the operator rolled back on purpose");
    }

    [Fact]
    public async Task DistributionPointAtTheApplicationItself_IsNotFollowed()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web") with { CrlUrl = $"{Application.Address}/admin/delete-everything" });
        await using var sidecar = await StartOrdersAsync();

        (await StatusAsync(sidecar, peer)).Should().BeNull();

        await sidecar.Log.WaitForRefusalAsync("RevocationUnknown");
        Application.BytesReceived.Should().Be(0);
    }

    [Fact]
    public async Task CrlFileReplacedByOneOfEqualSizeAndTime_IsReadAllTheSame()
    {
        var peer = Pki.Issue("peer", WorkloadPki.ForWorkload("web"));
        Pki.Revoke(Pki.Issue("somebody", WorkloadPki.ForWorkload("web")));
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Crl:Files", new[] { Pki.CrlFile }));
        (await StatusAsync(sidecar, peer)).Should().Be(HttpStatusCode.OK);
        var before = new FileInfo(Pki.CrlFile);

        // Signatures differ in length by a byte or two: sign until the file is as long as the one it replaces.
        string text;
        do
        {
            text = WorkloadPki.CrlPem(Pki.Root.CreateCrl([], 9)) + WorkloadPki.CrlPem(Pki.Issuing.CreateCrl([peer.Certificate.Certificate], 9));
        }
        while (text.Length != before.Length);
        var replacement = Pki.Directory.Write("replacement.crl", text);
        File.SetLastWriteTimeUtc(replacement, before.LastWriteTimeUtc);
        TestKit.Files.AtomicRename.Over(replacement, Pki.CrlFile);

        await Eventually.HoldsAsync(async () => await StatusAsync(sidecar, peer) is null, "the new CRL refuses the peer");
    }

    [Fact]
    public async Task GarbageOverAGoodCrlFile_KeepsTheOldOneAndIsLoud()
    {
        var revoked = Pki.Issue("revoked", WorkloadPki.ForWorkload("web"));
        Pki.Revoke(revoked);
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Crl:Files", new[] { Pki.CrlFile }));
        var log = sidecar.Log.Position;

        TestKit.Files.AtomicRename.Write(Pki.CrlFile, "-----BEGIN X509 CRL-----\nZ2FyYmFnZQ==\n-----END X509 CRL-----\n");
        await sidecar.Log.WaitForAsync(line => line.Level == "Error", log);

        (await StatusAsync(sidecar, Pki.Web)).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(sidecar, revoked)).Should().BeNull();
        (await sidecar.StatusAsync()).GetProperty("crls").EnumerateArray()
            .Should().Contain(crl => crl.GetProperty("lastError").ValueKind == System.Text.Json.JsonValueKind.String);
    }

    [Theory]
    [InlineData("Off", 200)]
    [InlineData("Leaf", 0)]
    [InlineData("Chain", 0)]
    public async Task RevokedLeaf_IsServedOnlyWithRevocationOff(string revocation, int status)
    {
        Pki.Revoke(Pki.Web);
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Revocation", revocation).Set("Validation:Crl:Files", new[] { Pki.CrlFile }));

        ((int?)await StatusAsync(sidecar, Pki.Web) ?? 0).Should().Be(status);
    }

    [Theory]
    [InlineData("Leaf", 200)]
    [InlineData("Chain", 0)]
    public async Task RevokedIntermediate_IsSeenByChainOnly(string revocation, int status)
    {
        Pki.Directory.Write("all.crl", WorkloadPki.CrlPem(Pki.Root.CreateCrl([Pki.Issuing.Certificate])) + WorkloadPki.CrlPem(Pki.IssuingCrl()));
        await using var sidecar = await StartOrdersAsync(settings => settings
            .Set("Validation:Revocation", revocation).Set("Validation:Crl:Files", new[] { Pki.Directory["all.crl"] }));

        ((int?)await StatusAsync(sidecar, Pki.Web) ?? 0).Should().Be(status);
    }

    private static async Task<IReadOnlyList<string>> LastErrorsAsync(SidecarProcess sidecar) =>
        [.. (await sidecar.StatusAsync()).GetProperty("crls").EnumerateArray().Select(crl => crl.GetProperty("lastError").GetString()).OfType<string>()];

    protected override void Configure(SidecarSettings settings)
    {
        base.Configure(settings);
        settings.Set("Validation:Crl:Files", new[] { Pki.Directory["root.crl"] });
    }

    private void Configure(SidecarSettings settings, string source)
    {
        if (source.EndsWith(" file", StringComparison.Ordinal))
        {
            settings.Set("Validation:Crl:Files", new[] { Pki.Directory["root.crl"], WriteBadFile(source) });
        }
        else if (source != "none")
        {
            settings.Set("Validation:Crl:Urls", new[] { Url(source) });
        }
    }

    private string WriteBadFile(string fault) => Pki.Directory.Write("bad.crl", fault switch
    {
        "stale file" => Stale(),
        "wrong key file" => ImpostorCrl(),
        _ => "<html>captive portal</html>"u8.ToArray(),
    });

    private string Url(string source) => source switch
    {
        "hanging server" => $"http://127.0.0.1:{_hanging.Port}/issuing.crl",
        "stale" => _server.Serve("issuing.crl", Stale()),
        "garbage" => _server.Serve("issuing.crl", "<html>captive portal</html>"u8.ToArray()),
        "wrong key" => _server.Serve("issuing.crl", ImpostorCrl()),
        "not found" => $"{_server.Address}/nothing-here.crl",
        _ => $"http://127.0.0.1:{FreePorts.Next()}/issuing.crl",
    };

    private byte[] Stale() => Pki.IssuingCrl(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(-2));

    private static byte[] ImpostorCrl()
    {
        using var impostor = TestAuthority.CreateRoot("Foo Issuing");
        return impostor.CreateCrl([]);
    }

    private async Task<HttpStatusCode?> StatusAsync(SidecarProcess sidecar, WorkloadFiles peer) => await Peer.StatusAsync(Pki, peer, sidecar.Inbound);
}
