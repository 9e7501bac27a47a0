using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

public sealed class CrlFetcherTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly ManualTimeProvider _clock = new();
    private readonly string _cache = Directory.CreateTempSubdirectory("crlcache").FullName;

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    [Fact]
    public async Task DistributionPoint_IsFetchedOnceForManyHandshakes()
    {
        await using var server = ScriptedHttpServer.Serving(new TestCrl().Sign(_root));
        using var leaf = _root.Issue(new IssueOptions { CrlUrl = server.Url() });
        using var house = new House(_clock);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => house.CheckAsync(leaf, _root)));
        await house.CheckAsync(leaf, _root);

        answers.Should().AllSatisfy(answer => answer.Status.Should().Be(RevocationStatus.Good));
        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task RevokedOnTheDistributionPointsCrl_IsRevoked()
    {
        TestCertificate? leaf = null;
        await using var server = ScriptedHttpServer.Start(request => request.AnswerAsync(new TestCrl { Entries = [TestCrlEntry.For(leaf!.Certificate)] }.Sign(_root)));
        using var issued = leaf = _root.Issue(new IssueOptions { CrlUrl = server.Url() });
        using var house = new House(_clock);

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task DistributionPointsSwitchedOff_AreNotAsked()
    {
        await using var server = ScriptedHttpServer.Serving(new TestCrl().Sign(_root));
        using var leaf = _root.Issue(new IssueOptions { CrlUrl = server.Url() });
        using var house = new House(_clock, new CrlFetchOptions { UseDistributionPoints = false });

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Unknown);
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task DeadServer_IsNotAskedAgainAtEachHandshake()
    {
        await using var server = ScriptedHttpServer.Start(request => request.RefuseAsync(503));
        using var leaf = _root.Issue(new IssueOptions { CrlUrl = server.Url() });
        using var house = new House(_clock);

        for (var handshake = 0; handshake < 20; handshake++)
        {
            (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Unknown);
        }

        server.Requests.Should().ContainSingle();
        house.Store.Status.Should().ContainSingle().Which.LastError.Should().Contain("503");
    }

    [Fact]
    public async Task DeadServer_IsAskedAgainLaterAndLater()
    {
        await using var server = ScriptedHttpServer.Start(request => request.RefuseAsync(503));
        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url()], RefreshInterval = TimeSpan.FromMinutes(5) });
        await house.Fetcher.Start();

        for (var attempt = 1; attempt < 12; attempt++)
        {
            var failures = house.Observer.Failures;
            await Eventually.HoldsAsync(
                () =>
                {
                    _clock.Advance(house.Observer.LastRetry / 4);
                    return house.Observer.Failures > failures;
                },
                "asked again");
        }

        house.Observer.Retries.Take(3).Should().BeInAscendingOrder();
        house.Observer.Retries.Should().AllSatisfy(retry => retry.Should().BeLessThanOrEqualTo(TimeSpan.FromMinutes(6)), "the back-off has a cap");
        house.Observer.LastRetry.Should().BeGreaterThan(TimeSpan.FromMinutes(3));
    }

    [Fact]
    public async Task HandshakeThatWaitedLongEnough_GoesOnWithoutTheCrl()
    {
        var asked = new TaskCompletionSource();
        await using var server = ScriptedHttpServer.Start(request =>
        {
            asked.TrySetResult();
            return request.HangAsync();
        });
        using var leaf = _root.Issue(new IssueOptions { CrlUrl = server.Url() });
        using var house = new House(_clock);

        var check = house.CheckAsync(leaf, _root);
        await asked.Task;
        _clock.Advance(TimeSpan.FromSeconds(4));

        (await check).Status.Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public async Task CancelledHandshake_StopsWaiting()
    {
        using var cancelled = new CancellationTokenSource();
        await using var server = ScriptedHttpServer.Start(request =>
        {
            cancelled.Cancel();
            return request.HangAsync();
        });
        using var leaf = _root.Issue(new IssueOptions { CrlUrl = server.Url() });
        using var house = new House(_clock);

        await FluentActions.Awaiting(() => house.CheckAsync(leaf, _root, cancelled.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task ConfiguredUrl_IsPolledConditionally()
    {
        var der = new TestCrl().Sign(_root);
        await using var server = ScriptedHttpServer.Start(request => request.Head.Contains("If-None-Match: \"one\"", StringComparison.Ordinal)
            ? request.RefuseAsync(304, "ETag: \"one\"\r\n")
            : request.AnswerAsync(der, "ETag: \"one\"\r\n"));
        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url()] });
        await house.Fetcher.Start();
        var generation = house.Store.Generation;

        _clock.AdvanceToNextTimer();
        await Eventually.HoldsAsync(() => house.Observer.Unchanged == 1, "asked again");

        server.Requests.Should().HaveCount(2);
        house.Store.Generation.Should().Be(generation);
    }

    [Fact]
    public async Task NewCrlAtAConfiguredUrl_IsInForceAfterTheInterval()
    {
        using var leaf = _root.Issue();
        var der = new TestCrl().Sign(_root);
        await using var server = ScriptedHttpServer.Start(request => request.AnswerAsync(der));
        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url()] });
        await house.Fetcher.Start();
        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Good);
        var changed = new TaskCompletionSource();
        house.Store.Changed += _ => changed.TrySetResult();

        der = new TestCrl { Number = 2, Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root);
        _clock.AdvanceToNextTimer();
        await changed.Task.WaitAsync(Eventually.DefaultTimeout);

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task CrlThatEndsSoon_IsFetchedAheadOfItsEnd()
    {
        var nextUpdate = _clock.GetUtcNow().AddMinutes(2);
        await using var server = ScriptedHttpServer.Serving(new TestCrl { ThisUpdate = _clock.GetUtcNow(), NextUpdate = nextUpdate }.Sign(_root));
        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url()], RefreshInterval = TimeSpan.FromHours(1) });
        await house.Fetcher.Start();

        _clock.AdvanceToNextTimer();

        _clock.GetUtcNow().Should().BeBefore(nextUpdate);
        await Eventually.HoldsAsync(() => server.Requests.Count >= 2, "asked before nextUpdate");
    }

    [Fact]
    public async Task GarbageFromAUrl_KeepsTheLastGoodCrl()
    {
        using var leaf = _root.Issue();
        var content = new TestCrl { Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root);
        await using var server = ScriptedHttpServer.Start(request => request.AnswerAsync(content));
        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url()] });
        await house.Fetcher.Start();

        content = [1, 2, 3];
        await house.Fetcher.RefreshAllAsync();
        house.Observer.Refusals.Should().ContainSingle();

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
        house.Store.Status.Should().ContainSingle().Which.LastError.Should().NotBeNull();
    }

    [Fact]
    public async Task GarbageFromAUrl_IsNotKeptOnDisk()
    {
        await using var server = ScriptedHttpServer.Serving([1, 2, 3]);
        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url()], CacheDirectory = _cache });

        await house.Fetcher.Start();

        house.Observer.Refusals.Should().ContainSingle();
        Directory.GetFiles(_cache).Should().BeEmpty();
    }

    [Fact]
    public void CacheDirectoryThatWeMake_IsOursAlone()
    {
        var made = Path.Combine(_cache, "made");
        using var house = new House(_clock, new CrlFetchOptions { CacheDirectory = made });

        new DirectoryInfo(made).UnixFileMode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, "who may write there could bring back an older CRL");
    }

    [Fact]
    public async Task LearnedUrls_AreBounded()
    {
        await using var server = ScriptedHttpServer.Serving(new TestCrl().Sign(_root));
        using var house = new House(_clock, new CrlFetchOptions { MaxLearnedUrls = 3 });

        for (var number = 0; number < 10; number++)
        {
            // Each certificate has an issuer of its own, so that no CRL in memory answers for it.
            using var issuer = _root.CreateIntermediate($"Issuer {number}");
            using var leaf = issuer.Issue(new IssueOptions { CrlUrl = server.Url($"/{number}") });
            await house.CheckAsync(leaf, issuer);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        server.Requests.Should().HaveCount(10);
        house.Store.Status.Should().HaveCount(3);
    }

    [Fact]
    public async Task MemoryOfLearnedUrls_IsBounded()
    {
        await using var server = ScriptedHttpServer.Serving(new TestCrl().Sign(_root));
        using var house = new House(_clock, new CrlFetchOptions { MaxLearnedBytes = 4096 });
        using var federated = TestAuthority.CreateRoot("Federated");

        for (var number = 0; number < 4; number++)
        {
            using var leaf = federated.Issue(new IssueOptions { CrlUrl = server.Url($"/{number}") });
            await house.CheckAsync(leaf, federated);
            await house.Fetcher.RefreshAllAsync();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        house.Store.Status.Should().ContainSingle().Which.Source.Should().Be(server.Url("/3"), "the newest stays though it alone is most of it");
    }

    [Fact]
    public async Task UrlThatMadeRoom_LeavesNothingOnDisk()
    {
        await using var server = ScriptedHttpServer.Serving(new TestCrl().Sign(_root));
        using var house = new House(_clock, new CrlFetchOptions { MaxLearnedUrls = 1, CacheDirectory = _cache });
        foreach (var path in new[] { "/1", "/2", "/3" })
        {
            using var leaf = _root.Issue(new IssueOptions { CrlUrl = server.Url(path) });
            await house.CheckAsync(leaf, _root);
            await house.Fetcher.RefreshAllAsync();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Directory.GetFiles(_cache, "*.crl").Concat(Directory.GetFiles(_cache, "*.new")).Should().ContainSingle();
    }

    [Fact]
    public async Task ForgedCrlThatHasEnded_BringsUsBackNoSoonerThanInAMinute()
    {
        using var impostor = TestAuthority.CreateRoot("Impostor");
        await using var server = ScriptedHttpServer.Serving(new TestCrl { NextUpdate = _clock.GetUtcNow().AddMinutes(-1) }.Sign(impostor));
        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url()] });
        await house.Fetcher.Start();
        var asked = _clock.GetUtcNow();

        _clock.AdvanceToNextTimer();

        (_clock.GetUtcNow() - asked).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task UrlsUnderOneAnchor_MakeNoRoomForThoseUnderAnother()
    {
        await using var server = ScriptedHttpServer.Serving(new TestCrl().Sign(_root));
        using var house = new House(_clock, new CrlFetchOptions { MaxLearnedUrls = 3 });
        using var own = _root.Issue(new IssueOptions { CrlUrl = server.Url("/own") });
        await house.CheckAsync(own, _root);

        using var federated = TestAuthority.CreateRoot("Federated");
        foreach (var path in new[] { "/own", "/1", "/2", "/3", "/4" })
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            using var leaf = federated.Issue(new IssueOptions { CrlUrl = server.Url(path) });
            await house.CheckAsync(leaf, federated);
        }

        house.Store.Status.Should().HaveCount(4).And.Contain(crl => crl.Source == server.Url("/own"));
    }

    [Fact]
    public async Task ServersThatNeverAnswer_HoldUpOnlyTheirOwnAnchor()
    {
        await using var server = ScriptedHttpServer.Start(request => request.Head.Contains("/own", StringComparison.Ordinal)
            ? request.AnswerAsync(new TestCrl().Sign(_root))
            : request.HangAsync());
        using var house = new House(_clock);
        using var federated = TestAuthority.CreateRoot("Federated");
        for (var number = 0; number < 20; number++)
        {
            using var leaf = federated.Issue(new IssueOptions { CrlUrl = server.Url($"/{number}") });
            _ = house.CheckAsync(leaf, federated);
        }

        await Eventually.HoldsAsync(() => server.Requests.Count == 8, "all requests that it may have at one time");
        using var own = _root.Issue(new IssueOptions { CrlUrl = server.Url("/own") });

        (await house.CheckAsync(own, _root).WaitAsync(Eventually.DefaultTimeout)).Status.Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public async Task ConfiguredUrlThatACertificateNames_IsNotForgotten()
    {
        await using var server = ScriptedHttpServer.Serving(new TestCrl().Sign(_root));
        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url("/own")], MaxLearnedUrls = 1 });
        await house.Fetcher.Start();

        using var federated = TestAuthority.CreateRoot("Federated");
        foreach (var path in new[] { "/own", "/1", "/2" })
        {
            using var leaf = federated.Issue(new IssueOptions { CrlUrl = server.Url(path) });
            await house.CheckAsync(leaf, federated);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        house.Store.Status.Should().Contain(crl => crl.Source == server.Url("/own"));
    }

    [Fact]
    public async Task NewerCrlFromAForgottenUrl_StaysForWhoGaveTheOlderOne()
    {
        using var leaf = _root.Issue();
        using var house = new House(_clock);
        house.Store.Load("file", new TestCrl().Sign(_root));
        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Good);
        house.Store.Load("url", new TestCrl { Number = 2, Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root)).Should().BeNull();

        house.Store.Forget(new CrlSourceKey("url"));

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task FreshestCrl_IsFetchedBeforeTheFirstAnswer()
    {
        using var leaf = _root.Issue();
        await using var server = ScriptedHttpServer.Serving(new TestCrl { Number = 2, BaseNumber = 1, Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root));
        using var house = new House(_clock);
        var freshest = TestDistributionPoint.Extension(TestDistributionPoint.FreshestCrl, new TestDistributionPoint { FullName = [TestDistributionPoint.Uri(server.Url())] });
        house.Store.Load("file", new TestCrl { Extensions = [freshest] }.Sign(_root));

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task CertificateThatNamesManyUrls_HasOnlySomeOfThemAsked()
    {
        await using var server = ScriptedHttpServer.Start(request => request.RefuseAsync(503));
        var points = Enumerable.Range(0, 20)
            .Select(number => new TestDistributionPoint { FullName = [TestDistributionPoint.Uri(server.Url($"/{number}"))] })
            .ToArray();
        using var leaf = _root.Issue(new IssueOptions { Configure = request => request.CertificateExtensions.Add(TestDistributionPoint.Extension(TestDistributionPoint.CrlDistributionPoints, points)) });
        using var house = new House(_clock);

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Unknown);

        server.Requests.Should().HaveCount(8);
    }

    [Fact]
    public async Task CrlsThatAreReplacedWhileOneIsFetched_AllowACrowdNoFurtherVerifications()
    {
        // Either set alone leaves the crowd below the bound, both together pass it.
        TestCertificate? leaf = null;
        using var house = new House(_clock);
        using var impostor = TestAuthority.CreateRoot("Impostor");
        await using var server = ScriptedHttpServer.Start(request =>
        {
            Enumerable.Range(0, 4).ToList().ForEach(number => house.Store.Forget(new CrlSourceKey($"forged {number}")));
            Forge(4);
            return request.AnswerAsync(new TestCrl().Sign(_root));
        });
        using var issued = leaf = _root.Issue(new IssueOptions { CrlUrl = server.Url() });
        var crowd = Enumerable.Range(0, 20).Select(_ => TestAuthority.CreateRoot()).ToList();
        Forge(0);

        (await house.CheckAsync(leaf, _root, crowd.Select(stranger => stranger.Certificate))).Status.Should().Be(RevocationStatus.Unknown);
        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Good);
        crowd.ForEach(stranger => stranger.Dispose());

        void Forge(int first)
        {
            foreach (var number in Enumerable.Range(first, 4))
            {
                var forged = new TestCrl { Issuer = _root.Certificate.SubjectName, AuthorityKeyIdentifier = [(byte)number], Entries = [TestCrlEntry.For(leaf!.Certificate)] };
                house.Store.Load($"forged {number}", forged.Sign(impostor)).Should().BeNull();
            }
        }
    }

    [Fact]
    public async Task CachedCrl_SurvivesARestartWithADeadServer()
    {
        using var leaf = _root.Issue();
        string url;
        await using (var server = ScriptedHttpServer.Serving(new TestCrl { Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root)))
        {
            url = server.Url();
            using var before = new House(_clock, new CrlFetchOptions { Urls = [url], CacheDirectory = _cache });
            await before.Fetcher.Start();
            (await before.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
        }

        (await StatusAfterRestartAsync(url, leaf)).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task ForgedAnswer_DoesNotDisplaceTheCachedCrl()
    {
        using var leaf = _root.Issue();
        using var impostor = TestAuthority.CreateRoot("Impostor");
        var content = new TestCrl { Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root);
        string url;
        await using (var server = ScriptedHttpServer.Start(request => request.AnswerAsync(content)))
        {
            url = server.Url();
            using var before = new House(_clock, new CrlFetchOptions { Urls = [url], CacheDirectory = _cache });
            await before.Fetcher.Start();
            await before.CheckAsync(leaf, _root);
            content = new TestCrl { Number = 99, Issuer = _root.Certificate.SubjectName }.Sign(impostor);
            await before.Fetcher.RefreshAllAsync();
            server.Requests.Should().HaveCount(2);
        }

        (await StatusAfterRestartAsync(url, leaf)).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task BadAnswerAfterOneThatNobodyHasVerifiedYet_LeavesThatInTheCache()
    {
        using var leaf = _root.Issue();
        var content = new TestCrl { Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root);
        string url;
        await using (var server = ScriptedHttpServer.Start(request => request.AnswerAsync(content)))
        {
            url = server.Url();
            using var before = new House(_clock, new CrlFetchOptions { Urls = [url], CacheDirectory = _cache });
            await before.Fetcher.Start();
            content = "bad"u8.ToArray();
            await before.Fetcher.RefreshAllAsync();
            before.Observer.Refusals.Should().ContainSingle();
        }

        Directory.GetFiles(_cache).Should().ContainSingle();
        (await StatusAfterRestartAsync(url, leaf)).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task CrlThatIsVerifiedAfterABadAnswer_IsNotDisplacedByAForgedOne()
    {
        using var leaf = _root.Issue();
        using var impostor = TestAuthority.CreateRoot("Impostor");
        var content = new TestCrl { Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root);
        string url;
        await using (var server = ScriptedHttpServer.Start(request => request.AnswerAsync(content)))
        {
            url = server.Url();
            using var before = new House(_clock, new CrlFetchOptions { Urls = [url], CacheDirectory = _cache });
            await before.Fetcher.Start();
            content = "bad"u8.ToArray();
            await before.Fetcher.RefreshAllAsync();
            (await before.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
            content = new TestCrl { Number = 99, Issuer = _root.Certificate.SubjectName }.Sign(impostor);
            await before.Fetcher.RefreshAllAsync();
        }

        (await StatusAfterRestartAsync(url, leaf)).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task HandshakeBesideABadAnswer_SettlesTheOneThatWasVerified()
    {
        using var leaf = _root.Issue();
        var content = new TestCrl { Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root);
        await using var server = ScriptedHttpServer.Start(request => request.AnswerAsync(content));
        var options = new CrlFetchOptions { Urls = [server.Url()], CacheDirectory = _cache };
        using (var before = new House(_clock, options))
        {
            await before.Fetcher.Start();

            // Found genuine by a question that settles nothing.
            before.Store.Check(CrlQuestions.About(leaf.Certificate, _root)).Status.Should().Be(RevocationStatus.Revoked);
            content = "bad"u8.ToArray();
            before.Observer.OnRefused = before.Fetcher.SettleVerified;
            await before.Fetcher.RefreshAllAsync();
            before.Observer.Refusals.Should().ContainSingle();
        }

        using var house = new House(_clock, options);
        await house.Fetcher.Start();

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task CorruptCacheFile_IsReportedAndIgnored()
    {
        using var leaf = _root.Issue();
        await using var server = ScriptedHttpServer.Serving(new TestCrl().Sign(_root));
        using (var before = new House(_clock, new CrlFetchOptions { Urls = [server.Url()], CacheDirectory = _cache }))
        {
            await before.Fetcher.Start();
            await before.CheckAsync(leaf, _root);
        }

        foreach (var file in Directory.GetFiles(_cache))
        {
            await File.WriteAllTextAsync(file, "corrupt");
        }

        using var house = new House(_clock, new CrlFetchOptions { Urls = [server.Url()], CacheDirectory = _cache });
        await house.Fetcher.Start();

        house.Observer.CacheFailures.Should().HaveCount(2, "the CRL and the marks of the newest");
        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public async Task OlderCrlAfterARestart_IsNotBelieved()
    {
        using var leaf = _root.Issue();
        using (var before = new House(_clock, new CrlFetchOptions { CacheDirectory = _cache }))
        {
            before.Store.Load("file", new TestCrl { Number = 5, Entries = [TestCrlEntry.For(leaf.Certificate)] }.Sign(_root));
            (await before.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
        }

        using (var house = new House(_clock, new CrlFetchOptions { CacheDirectory = _cache }))
        {
            house.Store.Load("file", new TestCrl { Number = 4 }.Sign(_root)).Should().BeNull("nobody knows yet who signed it");
            (await house.CheckAsync(leaf, _root)).Should().Match<RevocationAnswer>(answer => answer.Status == RevocationStatus.Unknown && answer.Detail.Contains("older"));
        }

        // The operator's explicit action.
        File.Delete(Path.Combine(_cache, "newest-crls"));
        using var rolledBack = new House(_clock, new CrlFetchOptions { CacheDirectory = _cache });
        rolledBack.Store.Load("file", new TestCrl { Number = 4 }.Sign(_root));
        (await rolledBack.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public async Task OlderDeltaAfterARestart_LiftsNoHold()
    {
        using var leaf = _root.Issue();
        var onHold = TestCrlEntry.For(leaf.Certificate) with { Reason = TestCrlEntry.CertificateHold };
        var complete = new TestCrl { Number = 5, Entries = [onHold] }.Sign(_root);
        using (var before = new House(_clock, new CrlFetchOptions { CacheDirectory = _cache }))
        {
            before.Store.Load("complete", complete);
            before.Store.Load("delta", new TestCrl { Number = 7, BaseNumber = 5, Entries = [onHold] }.Sign(_root));
            (await before.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
        }

        // The hold was lifted once and then put back: whoever plays back the delta that lifted it must not free the certificate.
        using var house = new House(_clock, new CrlFetchOptions { CacheDirectory = _cache });
        house.Store.Load("complete", complete);
        house.Store.Load("delta", new TestCrl { Number = 6, BaseNumber = 5, Entries = [onHold with { Reason = TestCrlEntry.RemoveFromCrl }] }.Sign(_root)).Should().BeNull();

        (await house.CheckAsync(leaf, _root)).Status.Should().Be(RevocationStatus.Revoked);
    }

    /// <summary>What a process that starts from the cache alone says.</summary>
    private async Task<RevocationStatus> StatusAfterRestartAsync(string url, TestCertificate leaf)
    {
        using var house = new House(_clock, new CrlFetchOptions { Urls = [url], CacheDirectory = _cache });
        await house.Fetcher.Start();
        return (await house.CheckAsync(leaf, _root)).Status;
    }

    /// <summary>Store, fetcher and source, put together as the daemon does.</summary>
    private sealed class House : IDisposable
    {
        private readonly CrlRevocationSource _source;
        private readonly ManualTimeProvider _clock;

        public House(ManualTimeProvider clock, CrlFetchOptions? options = null)
        {
            _clock = clock;
            options ??= new CrlFetchOptions();
            Store = new CrlStore(new CrlOptions { CacheDirectory = options.CacheDirectory }, clock, Observer);
            Fetcher = new CrlFetcher(Store, options, new FetchOptions(), clock, Observer);
            _source = new CrlRevocationSource(Store, Fetcher);
        }

        public SeenCrlEvents Observer { get; } = new();

        public CrlStore Store { get; }

        public CrlFetcher Fetcher { get; }

        public Task<RevocationAnswer> CheckAsync(TestCertificate leaf, TestAuthority issuer, CancellationToken cancellationToken = default)
            => CheckAsync(leaf, issuer, [], cancellationToken);

        public Task<RevocationAnswer> CheckAsync(
            TestCertificate leaf, TestAuthority issuer, IEnumerable<X509Certificate2> others, CancellationToken cancellationToken = default)
            => _source.CheckAsync(CrlQuestions.About(leaf.Certificate, issuer, [.. others]) with { At = _clock.GetUtcNow() }, cancellationToken).AsTask();

        public void Dispose()
        {
            Fetcher.Dispose();
            Store.Dispose();
        }
    }

    private sealed class SeenCrlEvents : ICrlObserver
    {
        private int _unchanged;

        public ConcurrentQueue<TimeSpan> Retries { get; } = new();

        public ConcurrentQueue<string> CacheFailures { get; } = new();

        public ConcurrentQueue<string> Refusals { get; } = new();

        public int Failures => Retries.Count;

        public TimeSpan LastRetry => Retries.Last();

        public int Unchanged => Volatile.Read(ref _unchanged);

        public void Loaded(CrlStatus crl)
        {
        }

        /// <summary>What happens when an answer is refused, before the fetcher hears of it.</summary>
        public Action? OnRefused { get; set; }

        public void Refused(string source, string reason)
        {
            Refusals.Enqueue(reason);
            OnRefused?.Invoke();
        }

        public void Fetched(string url, bool isNew)
        {
            if (!isNew)
            {
                Interlocked.Increment(ref _unchanged);
            }
        }

        public void FetchFailed(string url, string reason, TimeSpan retryIn) => Retries.Enqueue(retryIn);

        public void CacheFailed(string source, string reason) => CacheFailures.Enqueue($"{source}: {reason}");
    }
}
