using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Http;

public sealed class ProblemWriterTests : IDisposable
{
    private readonly MemoryStream _body = new();
    private readonly DefaultHttpContext _context = new();

    public ProblemWriterTests()
    {
        _context.Response.Body = _body;
        _context.Request.Method = "GET";
        _context.Request.Protocol = "HTTP/1.1";
    }

    public void Dispose() => _body.Dispose();

    public static TheoryData<string, int> Contract => new()
    {
        { "denied", 403 },
        { "unknown_upstream", 404 },
        { "bad_target", 400 },
        { "bad_request", 400 },
        { "method_not_allowed", 405 },
        { "upstream_unreachable", 502 },
        { "upstream_certificate_rejected", 502 },
        { "upstream_reset", 502 },
        { "no_healthy_destination", 503 },
        { "no_identity", 503 },
        { "upstream_timeout", 504 },
        { "application_unreachable", 503 },
        { "application_reset", 502 },
        { "application_timeout", 504 },
        { "draining", 503 },
    };

    [Theory]
    [MemberData(nameof(Contract))]
    public async Task EveryReason_HasItsStatusAndNothingBesidesTheFourMembers(string name, int status)
    {
        await ProblemWriter.WriteAsync(_context, Reasons().Single(reason => reason.Name == name));

        _context.Response.StatusCode.Should().Be(status);
        _context.Response.ContentType.Should().Be("application/problem+json");
        var members = ReadBody();
        members.Keys.Should().Equal("type", "title", "status", "reason");
        members["type"].GetString().Should().Be("about:blank");
        members["title"].GetString().Should().NotBeNullOrEmpty();
        members["status"].GetInt32().Should().Be(status);
        members["reason"].GetString().Should().Be(name);
        _context.Response.ContentLength.Should().Be(_body.Length);
    }

    [Fact]
    public void TheContractsReasons_AreAllThereAre()
        => Reasons().Select(reason => reason.Name).Should().BeEquivalentTo(Contract.Select(row => (string)row[0]).Append(ProblemReason.ConnectionClosing.Name), "that one is for log and metrics");

    [Fact]
    public async Task RefusedUpstream_IsExplainedByItsRejectionReason()
    {
        await ProblemWriter.WriteAsync(_context, new Problem(ProblemReason.UpstreamCertificateRejected) { Rejection = RejectionReason.Revoked });

        ReadBody()["rejectionReason"].GetString().Should().Be("Revoked");
        _context.Response.ContentLength.Should().Be(_body.Length);
    }

    [Fact]
    public async Task Head_GetsTheHeadersWithoutTheBody()
    {
        _context.Request.Method = "HEAD";

        await ProblemWriter.WriteAsync(_context, ProblemReason.Denied);

        _body.Length.Should().Be(0);
        _context.Response.ContentLength.Should().BePositive();
    }

    [Fact]
    public async Task WhatAFailedUpstreamLeftBehind_IsNotSent()
    {
        _context.Response.Headers["X-Upstream"] = "secret";

        await ProblemWriter.WriteAsync(_context, ProblemReason.UpstreamReset);

        _context.Response.Headers.Should().NotContainKey("X-Upstream");
    }

    [Theory]
    [InlineData("HTTP/1.0", "close")]
    [InlineData("HTTP/1.1", "close")]
    [InlineData("HTTP/2", "")]
    public async Task Closing_IsAnnouncedInHttp1Only(string protocol, string expected)
    {
        _context.Request.Protocol = protocol;

        await ProblemWriter.WriteAndCloseAsync(_context, ProblemReason.BadRequest);

        _context.Response.Headers.Connection.ToString().Should().Be(expected);
    }

    [Fact]
    public async Task StartedResponse_IsBrokenOff()
    {
        var lifetime = new AbortedLifetime();
        _context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        _context.Features.Set<IHttpResponseFeature>(new StartedResponse());

        await ProblemWriter.WriteAsync(_context, ProblemReason.ApplicationReset);

        lifetime.WasAborted.Should().BeTrue();
        _body.Length.Should().Be(0);
    }

    private static IEnumerable<ProblemReason> Reasons() => typeof(ProblemReason)
        .GetProperties(BindingFlags.Public | BindingFlags.Static)
        .Select(property => (ProblemReason)property.GetValue(null)!);

    private Dictionary<string, JsonElement> ReadBody() => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(_body.ToArray())!;

    private sealed class StartedResponse : HttpResponseFeature
    {
        public override bool HasStarted => true;
    }

    private sealed class AbortedLifetime : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public bool WasAborted { get; private set; }

        public void Abort() => WasAborted = true;
    }
}
